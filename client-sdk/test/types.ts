/** Checked by the compiler, never run: what must compile, and what must not. */
import {
  type AnyS3Error,
  createClient,
  isS3Error,
  type JobHandle,
  type PhotoFile,
  type Rule,
  type RuleFile,
} from '../src/index.ts';

const client = createClient({ baseUrl: '' });
declare const files: PhotoFile[];
declare const fileList: FileList;
declare const rule: RuleFile;
declare const saved: Rule;
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
  client.jobs.execute<'seller'>({
    jobId: 'j',
    concepts: { Gloss: { action: 'tone', value: 'warm' } },
    protect: ['Logo'],
  }),
  client.jobs.execute({ jobId: 'j', concepts: saved.concepts, protect: saved.protect }),
  client.jobs.execute<'seller'>({ jobId: 'j', ruleId: 'r', outputTemplate: 'option-board' }),
  client.jobs.fork('j', { concepts: saved.concepts }),
  client.jobs.fork<'interior'>('j', { concepts: { Floor: { action: 'recolor', value: 'oak' } }, indexes: [0, 2] }),
  client.jobs.attach('j', { files: fileList, change: { ruleId: 'r' } }),
  client.jobs.run({ ...common, onInvalid: 'skip', format: 'webp' }),
  client.jobs.fork('j', { ruleId: 'r', format: 'png' }),
  client.jobs.execute({ jobId: 'j', concepts: saved.concepts, format: 'jpeg' }),
];

/** A handle knows the preset that it was begun with; one that does not is what functions take that work for all. */
export function handles(): JobHandle[] {
  const job = client.jobs.start({ ...common, maxCredits: 3 });
  job.retryFailed({ concepts: { Wall: { action: 'tone', value: 'cool' } }, protect: ['Grout'] });
  // @ts-expect-error Logo is a concept of seller, and the job is one of interior.
  job.retryFailed({ concepts: { Logo: { action: 'remove' } } });
  // @ts-expect-error option-board is a template of seller.
  job.retryFailed({ ruleId: 'r', outputTemplate: 'option-board' });
  return [job, client.jobs.fork<'seller'>('j', { ruleId: 'r' }), client.jobs.attach('j')];
}

/** Pages are awaited or walked through, and each way has its own type. */
export async function pages(): Promise<(string | null)[]> {
  const { jobs, nextCursor } = await client.jobs.list({ limit: 3 });
  for await (const { jobId } of client.jobs.list()) console.log(jobId);
  for await (const receipt of client.user.ledger()) {
    // @ts-expect-error A receipt is no job.
    console.log(receipt.jobId);
  }
  // @ts-expect-error A page is no list.
  jobs.jobs;
  return [nextCursor];
}

export const doesNotCompile = [
  // @ts-expect-error Grout is a concept of interior, and the call says seller.
  client.jobs.execute<'seller'>({ jobId: 'j', concepts: { Grout: { action: 'remove' } } }),
  // @ts-expect-error So is its palette.
  client.jobs.fork<'seller'>('j', { concepts: { Body: { action: 'recolor', value: 'oak' } } }),
  // @ts-expect-error An action that there is not.
  client.jobs.fork('j', { concepts: { Body: { action: 'paint', value: '#ffffff' } } }),
  // @ts-expect-error Neither concepts nor a rule.
  client.jobs.execute({ jobId: 'j' }),
  // @ts-expect-error A job is made of photos or from a job.
  client.jobs.create({ preset: 'seller' }),
  // @ts-expect-error A type that is not taken.
  client.jobs.create({ preset: 'seller', photos: [{ contentType: 'image/gif', bytes: 1 }] }),
  // @ts-expect-error There is no such way out.
  client.jobs.run({ ...common, onInvalid: 'ignore' }),
  // @ts-expect-error Results are no HEIC.
  client.jobs.fork('j', { ruleId: 'r', format: 'heic' }),
  // @ts-expect-error The address is needed.
  createClient({}),
  // @ts-expect-error A path is no photo.
  client.jobs.run({ ...common, files: ['photo.jpg'] }),
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
  if (isS3Error(error, 'CREDITS_EXHAUSTED')) return error.data.needed;
  if (isS3Error(error, 'INVALID_FILE')) return error.data.files[0]?.name ?? null;
  // @ts-expect-error OVER_BUDGET has no balance.
  if (isS3Error(error, 'OVER_BUDGET')) return error.data.balance;
  // @ts-expect-error CREDITS_EXHAUSTED counts in numbers.
  if (isS3Error(error, 'CREDITS_EXHAUSTED')) return error.data.needed.length;
  // @ts-expect-error There is no such code.
  if (isS3Error(error, 'CREDITS_GONE')) return null;
  return isS3Error(error) ? bySwitch(error) : null;
}

function bySwitch(error: AnyS3Error): number | string | null {
  switch (error.code) {
    case 'RATE_LIMITED':
      return error.data.retryAfterSeconds;
    case 'UPLOAD_INCOMPLETE':
      return error.data.missing.length;
    case 'ABORTED':
      return error.data;
    default:
      // @ts-expect-error The other codes have no such detail.
      return error.data.retryAfterSeconds;
  }
}
