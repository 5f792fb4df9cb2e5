import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { QuarantineReason } from '../../../shared/contracts/problem.js';

const values = z.record(z.string(), z.unknown());
const Count = z.int().min(0);

/** What is sent; see test/fixtures/bad-input/README.md. */
const Sent = z.strictObject({
  text: z.string().optional(),
  hex: z.string().optional(),
  json: z.unknown().optional(),
  base: z.string().optional(),
  set: values.optional(),
  unset: z.array(z.string()).optional(),
  wrap: z
    .strictObject({
      mode: z.enum(['structured', 'binary']),
      set: values.optional(),
      unset: z.array(z.string()).optional(),
    })
    .optional(),
  replace: z.array(z.tuple([z.string(), z.string()])).optional(),
  /** Blanks behind the body up to this many bytes. */
  pad: Count.optional(),
  /** An extra member that nests arrays or objects this deep. */
  nest: z.strictObject({ depth: Count, kind: z.enum(['array', 'object']) }).optional(),
  /** An extra member made of `times` copies of JSON text, in a list, an object or a string. */
  repeat: z.strictObject({ of: z.string(), times: Count, in: z.enum(['list', 'object', 'string', 'name']) }).optional(),
  encode: z.enum(['utf16le', 'utf16be', 'utf32le', 'latin1', 'gzip', 'deflate', 'base64']).optional(),
  prefix: z.string().optional(),
  suffix: z.string().optional(),
  keep: Count.optional(),
  properties: values.optional(),
  sign: z
    .strictObject({
      with: z.string(),
      as: z.string().optional(),
      then: z.enum(['flip-body', 'flip-signature', 'reformat', 'truncate', 'drop-key-id', 'drop-value']).optional(),
    })
    .optional(),
});
export type Sent = z.infer<typeof Sent>;

const Case = Sent.extend({
  name: z.string(),
  before: z.array(Sent).optional(),
  accepted: z.enum(['signal', 'duplicate']).optional(),
  reason: QuarantineReason.optional(),
  at: z.string().optional(),
}).refine((one) => (one.accepted === undefined) !== (one.reason === undefined), 'say either accepted or reason');

const InputClass = z.strictObject({ class: z.string(), about: z.string(), cases: z.array(Case).min(1) });
const InputFile = z.strictObject({ group: z.string(), classes: z.array(InputClass).min(1) });

/** One kept case with where it stands. */
export type BadInputCase = z.infer<typeof Case> & { readonly group: string; readonly class: string };

const folder = join(import.meta.dirname, '..', '..', 'fixtures', 'bad-input');

/** Every kept case, in the order of the files. @throws Error naming file and place of a case that is not well formed */
export function readBadInput(): BadInputCase[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  return files.sort().flatMap((name) => {
    const parsed = InputFile.safeParse(parse(readFileSync(join(folder, name), 'utf8')));
    if (!parsed.success) throw new Error(`${name}: ${z.prettifyError(parsed.error)}`);
    const { group, classes } = parsed.data;
    return classes.flatMap((each) => each.cases.map((one) => ({ ...one, group, class: each.class })));
  });
}
