import type { CallingProcess } from './network.js';

/** A program that an operator runs once; its death is noticed at once. */
export class Program implements CallingProcess {
  alive = true;

  constructor(
    readonly id: string,
    private readonly onDeath: () => void,
  ) {}

  resume(act: () => void): void {
    if (this.alive) act();
  }

  /** It did what it was run for. */
  end(): void {
    this.alive = false;
  }

  kill(): void {
    if (!this.alive) return;
    this.alive = false;
    this.onDeath();
  }
}
