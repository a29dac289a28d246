/** Checked by the compiler, never run: what must compile, and what must not. */
import { type AnyS3Error, createClient, isS3Error, type PhotoFile, type RuleFile } from '../src/index.ts';

const client = createClient({ baseUrl: '' });
declare const files: PhotoFile[];
declare const fileList: FileList;
declare const rule: RuleFile;
const common = { preset: 'interior', files, concepts: { Wall: { action: 'remove' } } } as const;

export const compiles = [
  client.jobs.run({ preset: 'interior', files, concepts: { Floor: { action: 'recolor', value: 'oak' } } }),
  client.jobs.run({
    preset: 'interior',
    files: fileList,
    concepts: { Floor: { action: 'recolor', value: '#C8A27A' } },
  }),
  client.jobs.run({
    preset: 'interior',
    files,
    concepts: { Wall: { action: 'remove' } },
    protect: ['Glass_highlight'],
  }),
  client.jobs.run({
    preset: 'seller',
    files,
    concepts: { Body: { action: 'texture', value: 'linen' } },
    protect: ['Logo'],
  }),
  client.jobs.run({ preset: 'seller', files, ruleId: 'r' }),
  client.jobs.run({ preset: 'seller', files, rule, outputTemplate: 'option-board' }),
  client.jobs.run({
    preset: 'seller',
    files,
    rule: { concepts: { Body: { action: 'recolor', value: 'red' as string } } },
  }),
  client.jobs.run({ ...common, protect: ['Grout'], outputTemplate: 'client-card' }),
  client.jobs.execute({ jobId: 'j', concepts: { Anything: { action: 'tone', value: 'warm' } } }),
];

export const doesNotCompile = [
  // @ts-expect-error Grout is a concept of interior, not of seller.
  client.jobs.run({ preset: 'seller', files, concepts: { Grout: { action: 'remove' } } }),
  // @ts-expect-error Glass_highlight can only be protected.
  client.jobs.run({ preset: 'interior', files, concepts: { Glass_highlight: { action: 'remove' } } }),
  // @ts-expect-error Grout can't be protected in seller.
  client.jobs.run({ preset: 'seller', files, concepts: { Body: { action: 'remove' } }, protect: ['Grout'] }),
  // @ts-expect-error oak is a colour of interior, not of seller.
  client.jobs.run({ preset: 'seller', files, concepts: { Body: { action: 'recolor', value: 'oak' } } }),
  // @ts-expect-error loud is no tone.
  client.jobs.run({ preset: 'seller', files, concepts: { Body: { action: 'tone', value: 'loud' } } }),
  // @ts-expect-error remove takes no value.
  client.jobs.run({ preset: 'seller', files, concepts: { Body: { action: 'remove', value: 'x' } } }),
  // @ts-expect-error A template of the other preset.
  client.jobs.run({ preset: 'seller', files, ruleId: 'r', outputTemplate: 'before-after' }),
  // @ts-expect-error There is no such preset.
  client.jobs.run({ preset: 'garden', files, ruleId: 'r' }),
  // @ts-expect-error Concepts or a rule, not both.
  client.jobs.run({ preset: 'seller', files, ruleId: 'r', concepts: { Body: { action: 'remove' } } }),
  // @ts-expect-error One of concepts, rule and ruleId is needed.
  client.jobs.run({ preset: 'seller', files }),
  // @ts-expect-error Rules are typed by preset as well.
  client.rules.create({ name: 'n', presetId: 'seller', concepts: { Floor: { action: 'remove' } } }),
];

export function detailsAreTypedByCode(error: unknown): number | string | null {
  if (isS3Error(error, 'CREDITS_EXHAUSTED')) return error.details.needed;
  if (isS3Error(error, 'INVALID_FILE')) return error.details.files[0]?.name ?? null;
  // @ts-expect-error There is no such code.
  if (isS3Error(error, 'CREDITS_GONE')) return null;
  return isS3Error(error) ? bySwitch(error) : null;
}

function bySwitch(error: AnyS3Error): number | string | null {
  switch (error.code) {
    case 'RATE_LIMITED':
      return error.details.retryAfterSeconds;
    case 'UPLOAD_INCOMPLETE':
      return error.details.missing.length;
    case 'ABORTED':
      return error.details;
    default:
      // @ts-expect-error The other codes have no such detail.
      return error.details.retryAfterSeconds;
  }
}
