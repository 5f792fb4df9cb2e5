/** Where something stands in a file; both from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export type Token = Position &
  (
    | { readonly kind: 'name'; readonly text: string }
    | { readonly kind: 'number'; readonly value: number }
    /** `texts` and `holes` alternate, beginning and ending with a text. */
    | { readonly kind: 'string'; readonly texts: readonly string[]; readonly holes: readonly (readonly Token[])[] }
    | { readonly kind: 'mark'; readonly text: string }
    | { readonly kind: 'newline' }
    | { readonly kind: 'end' }
  );

export interface Comment extends Position {
  readonly text: string;
}

/** A file that is not Bicep as this check understands it. */
export class BicepSyntaxError extends Error {
  override readonly name = 'BicepSyntaxError';
  constructor(
    message: string,
    readonly at: Position,
  ) {
    super(`${at.line}:${at.column} ${message}`);
  }
}

// Longest first: a mark is the longest that fits.
const marks = ['::', '=>', '&&', '||', '??', '==', '!=', '=~', '!~', '<=', '>=', '.?', '[?'].concat([
  ...'{}[]().,:=?!+-*/%<>@|',
]);
const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '\\': '\\', "'": "'", $: '$' };

/** Cut a file into tokens. @throws BicepSyntaxError */
export function tokenize(source: string): { tokens: Token[]; comments: Comment[] } {
  return new Tokenizer(source).run();
}

class Tokenizer {
  private index = 0;
  private line = 1;
  private lineStart = 0;
  private readonly comments: Comment[] = [];

  constructor(private readonly source: string) {}

  run(): { tokens: Token[]; comments: Comment[] } {
    const tokens = this.readUntil(() => this.index >= this.source.length);
    return { tokens: [...tokens, { kind: 'end', ...this.at() }], comments: this.comments };
  }

  private at(): Position {
    return { line: this.line, column: this.index - this.lineStart + 1 };
  }

  private looksAt(text: string): boolean {
    return this.source.startsWith(text, this.index);
  }

  private fail(message: string, at = this.at()): never {
    throw new BicepSyntaxError(message, at);
  }

  private newLine(): void {
    this.line += 1;
    this.lineStart = this.index;
  }

  private readUntil(done: () => boolean): Token[] {
    const tokens: Token[] = [];
    while (!done()) {
      if (this.index >= this.source.length) this.fail('the file ends too early');
      const token = this.next();
      if (token) tokens.push(token);
    }
    return tokens;
  }

  private next(): Token | undefined {
    const at = this.at();
    const rest = this.source.slice(this.index, this.index + 200);
    const blank = /^[ \t\r]+/.exec(rest)?.[0];
    if (blank) {
      this.index += blank.length;
      return undefined;
    }
    if (this.looksAt('//') || this.looksAt('/*')) return this.skipComment(at);
    if (this.looksAt('#disable')) this.fail('a disabled rule; mend what it hides instead', at);
    if (this.looksAt('\n')) {
      this.index += 1;
      this.newLine();
      return { kind: 'newline', ...at };
    }
    if (this.looksAt("'''")) return this.multiline(at);
    if (this.looksAt("'")) return this.text(at);
    const name = /^[A-Za-z_][A-Za-z0-9_]*/.exec(rest)?.[0];
    if (name) {
      this.index += name.length;
      return { kind: 'name', text: name, ...at };
    }
    const digits = /^\d+/.exec(rest)?.[0];
    if (digits) {
      this.index += digits.length;
      return { kind: 'number', value: Number(digits), ...at };
    }
    const mark = marks.find((candidate) => this.looksAt(candidate));
    if (!mark) this.fail(`unexpected ${JSON.stringify(rest[0])}`, at);
    this.index += mark.length;
    return { kind: 'mark', text: mark, ...at };
  }

  private skipComment(at: Position): undefined {
    const line = this.looksAt('//');
    const end = this.source.indexOf(line ? '\n' : '*/', this.index);
    if (end < 0 && !line) this.fail('a comment without an end', at);
    const stop = end < 0 ? this.source.length : line ? end : end + 2;
    const text = this.source.slice(this.index, stop);
    this.comments.push({ text, ...at });
    for (const char of text) {
      this.index += char.length;
      if (char === '\n') this.newLine();
    }
    return undefined;
  }

  private multiline(at: Position): Token {
    const end = this.source.indexOf("'''", this.index + 3);
    if (end < 0) this.fail('a text without an end', at);
    const text = this.source.slice(this.index + 3, end).replace(/^\r?\n/, '');
    while (this.index < end + 3) {
      this.index += 1;
      if (this.source[this.index - 1] === '\n') this.newLine();
    }
    return { kind: 'string', texts: [text], holes: [], ...at };
  }

  private text(at: Position): Token {
    this.index += 1;
    const texts = [''];
    const holes: Token[][] = [];
    while (!this.looksAt("'")) {
      const char = this.source[this.index];
      if (char === undefined || char === '\n') this.fail('a text without an end', at);
      if (this.looksAt('${')) {
        this.index += 2;
        holes.push([...this.hole(), { kind: 'end', ...this.at() }]);
        texts.push('');
        continue;
      }
      texts[texts.length - 1] += char === '\\' ? this.escape() : char;
      this.index += 1;
    }
    this.index += 1;
    return { kind: 'string', texts, holes, ...at };
  }

  private escape(): string {
    this.index += 1;
    return escapes[this.source[this.index] ?? ''] ?? this.fail('an escape that does not exist');
  }

  /** The tokens of `${...}` up to its own closing brace. */
  private hole(): Token[] {
    let depth = 0;
    const tokens = this.readUntil(() => {
      if (this.looksAt('{')) depth += 1;
      if (this.looksAt('}')) depth -= 1;
      return depth < 0;
    });
    this.index += 1;
    return tokens;
  }
}
