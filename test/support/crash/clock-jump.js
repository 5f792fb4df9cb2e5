// Loaded into a process before its program: SIGUSR2 sets its wall clock a minute ahead, and back with the next one.
// Timers follow the monotonic clock, as they do when a real clock is set.
const jumpMs = 60_000;
let aheadMs = 0;
process.on('SIGUSR2', () => {
  aheadMs = aheadMs === 0 ? jumpMs : 0;
});

const RealDate = Date;
globalThis.Date = class Date extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(RealDate.now() + aheadMs);
    else super(...args);
  }
  static now() {
    return RealDate.now() + aheadMs;
  }
};
