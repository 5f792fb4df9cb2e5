import type { Socket } from 'node:net';

/** A frame without a body, which either side may send at any time (AMQP 1.0, part 2, sections 2.3 and 2.4.5). */
const emptyFrame = Buffer.from([0, 0, 0, 8, 2, 0, 0, 0]);

/**
 * Answer every read with bytes at once, if only with an empty frame.
 *
 * The clients leave Nagle's algorithm on, so a small write of theirs waits until the one before is acknowledged, and TCP
 * acknowledges what nothing answers 40 ms late. A receive that ends with a drain is two such writes.
 */
export function acknowledgePromptly(socket: Socket, isOpen: () => boolean): void {
  let writtenBefore: number | undefined;
  const answer = (): void => {
    const isSilent = socket.bytesWritten === writtenBefore;
    writtenBefore = undefined;
    if (isSilent && socket.writable && isOpen()) socket.write(emptyFrame);
  };
  // Before the listener that handles what was read, and may answer at once.
  socket.prependListener('data', () => {
    if (writtenBefore !== undefined) return;
    writtenBefore = socket.bytesWritten;
    setImmediate(answer);
  });
}
