// Loaded into a process whose files may not grow beyond a limit: the write then fails, as on a full disk, where the
// signal's default would end the process.
process.on('SIGXFSZ', () => undefined);
