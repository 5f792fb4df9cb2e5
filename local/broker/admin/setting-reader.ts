import type { Xml } from './atom.js';
import { fromIsoDuration } from './duration.js';

/** A setting the service, or this stand-in, does not accept; the sentence names it. */
export class InvalidSetting extends Error {
  override readonly name = 'InvalidSetting';
}

/** What limits a number or a duration in milliseconds; both ends are allowed. */
interface Limits {
  readonly min: number;
  readonly max?: number;
  /** The limits as a person reads them. */
  readonly words: string;
}

/** Reads settings by element name; an empty element is one that is not there. @throws InvalidSetting */
export class SettingReader {
  constructor(
    private readonly entity: string,
    private readonly xml: Xml,
  ) {}

  text(name: string): string | undefined {
    const value = this.xml[name];
    if (value === undefined || value === '') return undefined;
    if (typeof value !== 'string') throw this.invalid(name, 'holds no text');
    return value;
  }

  flag(name: string): boolean | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (value !== 'true' && value !== 'false') throw this.invalid(name, `must be true or false, not '${value}'`);
    return value === 'true';
  }

  oneOf<T extends string>(name: string, values: readonly T[]): T | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const found = values.find((each) => each === value);
    if (found === undefined) throw this.invalid(name, `must be one of ${values.join(', ')}, not '${value}'`);
    return found;
  }

  integer(name: string, limits: Limits): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!/^\d{1,15}$/.test(value)) throw this.invalid(name, `must be a whole number, not '${value}'`);
    return this.within(name, Number(value), limits);
  }

  /** Milliseconds; undefined when absent or without limit, as the service writes it. */
  durationMs(name: string, limits: Limits): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    try {
      const ms = fromIsoDuration(value);
      return ms === undefined ? undefined : this.within(name, ms, limits);
    } catch (error) {
      throw error instanceof RangeError ? this.invalid(name, error.message) : error;
    }
  }

  /** Refuse a setting that is given and not one of the texts it may have. */
  refuse(name: string, why: string, unless: readonly string[] = []): void {
    const value = this.xml[name];
    if (value === undefined || value === '' || unless.some((each) => each === value)) return;
    throw this.invalid(name, why);
  }

  invalid(name: string, why: string): InvalidSetting {
    return new InvalidSetting(`The setting ${name} of '${this.entity}' ${why}.`);
  }

  private within(name: string, value: number, { min, max = Infinity, words }: Limits): number {
    if (value < min || value > max) throw this.invalid(name, `must be ${words}`);
    return value;
  }
}
