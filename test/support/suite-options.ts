/** How hard a test runs: its own number, unless `npm run fuzz` or `npm run crash` gave another. */
export function toSuiteOption(name: 'runs' | 'seed' | 'cycles', usual: number): number {
  const given = process.env[`OUTPORT_TEST_${name.toUpperCase()}`];
  return given === undefined ? usual : Number(given);
}
