import { setTimeout as sleep } from 'node:timers/promises';

const patienceMs = 30_000;

/** Tell a server where services are; a server that has only just started is asked again. @throws Error with its answer */
export async function registerServices(adminUrl: string, url: string): Promise<void> {
  const body = JSON.stringify({ uri: url });
  const headers = { 'content-type': 'application/json' };
  for (const untilMs = Date.now() + patienceMs; ; await sleep(200)) {
    const answer = await fetch(`${adminUrl}/deployments`, { method: 'POST', headers, body });
    if (answer.ok) return;
    if (Date.now() > untilMs) throw new Error(`services were not taken: ${answer.status} ${await answer.text()}`);
  }
}
