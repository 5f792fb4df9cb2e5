import { BicepSyntaxError, type Token } from './tokens.js';

/** Walks over tokens; every `take` that does not find what it wants throws BicepSyntaxError. */
export class TokenStream {
  private index = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  get current(): Token {
    const token = this.tokens[this.index] ?? this.tokens.at(-1);
    if (!token) throw new Error('there are no tokens');
    return token;
  }

  fail(message: string, token = this.current): never {
    throw new BicepSyntaxError(`${message}, not ${describe(token)}`, token);
  }

  next(): Token {
    const token = this.current;
    this.index += 1;
    return token;
  }

  isMark(text: string): boolean {
    return this.current.kind === 'mark' && this.current.text === text;
  }

  isName(text: string): boolean {
    return this.current.kind === 'name' && this.current.text === text;
  }

  tryMark(text: string): boolean {
    const found = this.isMark(text);
    if (found) this.index += 1;
    return found;
  }

  tryName(text: string): boolean {
    const found = this.isName(text);
    if (found) this.index += 1;
    return found;
  }

  takeMark(text: string): Token {
    if (!this.isMark(text)) this.fail(`expected "${text}"`);
    return this.next();
  }

  takeName(): string {
    const token = this.current;
    if (token.kind !== 'name') return this.fail('expected a name');
    this.index += 1;
    return token.text;
  }

  /** A text without `${}`. */
  takePlainText(): string {
    const token = this.current;
    if (token.kind !== 'string' || token.holes.length > 0) return this.fail('expected a plain text');
    this.index += 1;
    return token.texts[0] ?? '';
  }

  skipNewlines(): void {
    while (this.current.kind === 'newline') this.index += 1;
  }

  takeLineEnd(): void {
    if (this.current.kind === 'end') return;
    if (this.current.kind !== 'newline') this.fail('expected the end of the line');
    this.skipNewlines();
  }
}

function describe(token: Token): string {
  switch (token.kind) {
    case 'name':
    case 'mark':
      return `"${token.text}"`;
    case 'number':
      return String(token.value);
    case 'string':
      return 'a text';
    case 'newline':
      return 'the end of the line';
    case 'end':
      return 'the end';
    default:
      return token satisfies never;
  }
}
