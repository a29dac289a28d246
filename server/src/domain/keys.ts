/**
 * R2 object keys. All are minted here from parts that the server made, so that no text of a client ever becomes part of one.
 *
 *     inputs/{userId}/{jobId}/{idx}.jpg            the original, whatever its type
 *     outputs/{userId}/{jobId}/{idx}_result.png    the result, whatever its type
 *     previews/{userId}/{jobId}/{idx}_thumb.jpg    its preview
 *     masks/{userId}/{jobId}/{idx}_{concept}.png   one mask per concept
 *     masks/{userId}/{jobId}/{idx}_instances.json  what was found
 */

export type JobRef = { userId: string; jobId: string };

const SAFE_PART = /^[A-Za-z0-9_-]{1,128}$/;

/** Throws on a part that could leave its folder: that is a bug of the caller, never bad input. */
function part(text: string): string {
  if (!SAFE_PART.test(text)) throw new Error(`unsafe key part: ${JSON.stringify(text.slice(0, 40))}`);
  return text;
}

function under(kind: 'inputs' | 'outputs' | 'previews' | 'masks', { userId, jobId }: JobRef): string {
  return `${kind}/${part(userId)}/${part(jobId)}/`;
}

export const inputPrefix = (job: JobRef): string => under('inputs', job);
export const outputPrefix = (job: JobRef): string => under('outputs', job);
export const previewPrefix = (job: JobRef): string => under('previews', job);
export const inputKey = (job: JobRef, idx: number): string => `${inputPrefix(job)}${idx}.jpg`;
export const outputKey = (job: JobRef, idx: number): string => `${outputPrefix(job)}${idx}_result.png`;
export const previewKey = (job: JobRef, idx: number): string => `${previewPrefix(job)}${idx}_thumb.jpg`;
export const maskKey = (job: JobRef, idx: number, concept: string): string =>
  `${under('masks', job)}${idx}_${part(concept)}.png`;
export const instancesKey = (job: JobRef, idx: number): string => `${under('masks', job)}${idx}_instances.json`;

/** Every folder that holds objects of the job. */
export const allPrefixes = (job: JobRef): string[] =>
  (['inputs', 'outputs', 'previews', 'masks'] as const).map((kind) => under(kind, job));

/** Every folder that holds objects of the user. */
export const userPrefixes = (userId: string): string[] =>
  (['inputs', 'outputs', 'previews', 'masks'] as const).map((kind) => `${kind}/${part(userId)}/`);

/** Folders that hold what a GPU worker wrote. */
export const producedPrefixes = (job: JobRef): string[] =>
  (['outputs', 'previews', 'masks'] as const).map((kind) => under(kind, job));

/** The photo's index in a key of any of these folders; null when the key has another form. */
export function indexOfKey(key: string): number | null {
  const match = /\/(\d{1,3})(?:\.jpg|_[A-Za-z0-9_]+\.(?:png|jpg|json))$/.exec(key);
  return match === null ? null : Number(match[1]);
}
