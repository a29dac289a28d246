/** What each field of the message, the callback and its answer means, for people who read the schemas. */

const WORDS: Record<string, string> = {
  job_id: 'The job. 64 hexadecimal digits.',
  user_id: 'Whose job it is; part of the object keys.',
  attempt:
    'Number of this run, which has all or some photos of the job. Send it back with each result, or keep it in callback_url.',
  preset: 'What kind of photos these are, which says what concepts there are.',
  concepts: 'What to change: concept by concept.',
  action: 'What to do with the concept.',
  value: 'recolor: a colour as #RRGGBB. tone, texture: one of the words. remove has none.',
  protect: 'Concepts whose pixels must come out as they went in, also where they lie inside a target.',
  output_type: 'Content type of every result, whatever its key ends in. Missing means image/png.',
  masks: 'Whether masks are wanted, for workers with storage keys of their own. Missing means they are.',
  items: 'The photos of this run, or the results.',
  idx: 'Number of the photo in its job, from 0. Not its place in this list.',
  input_key: 'Object key of the photo, for workers with storage keys of their own.',
  output_key: 'Object key of the result. A report of "done" may repeat it; no other key is taken.',
  preview_key: 'Object key of the preview. A report may repeat it where a preview was stored.',
  input_url: 'GET the photo here.',
  output_url: 'PUT the result here, with output_type as its Content-Type.',
  preview_url: 'PUT a preview here, with Content-Type image/jpeg.',
  mask_urls: 'By concept: PUT a mask here, with Content-Type image/png. Empty where no masks are wanted.',
  instances_url: 'PUT what was found here, with Content-Type application/json. Missing where it is not wanted.',
  callback_url: 'POST results here, with its query as it stands.',
  callback_token: 'Bearer token for the callback, good for this job alone until it ends.',
  callback_secret: 'The same secret for a Standard Webhooks library: whsec_ and base64.',
  idempotency_prefix: 'Begin the idempotency keys of the results with this.',
  batch_concurrency: 'Photos to work on at once.',
  deadline: 'When the job ends by itself and the URLs with it, in milliseconds since the Unix epoch. May be missing.',
  status: 'Of a result: how the photo went. Of an answer: the state of the job.',
  success: 'Whether it was taken.',
  error: 'Why a photo failed, in plain words that its owner reads. Null in an answer that took the results.',
  idempotency_key: 'The same on every try of the same result.',
  data: 'What became of the results.',
  outcome: 'accepted: it counts. duplicate: the photo was settled before. ignored: too late to matter.',
  meta: 'Of the request.',
  request_id: 'Name it when you ask about this request.',
  timestamp: 'When it was answered, UTC.',
};

export function words(field: string): string {
  const found = WORDS[field];
  if (found === undefined) throw new Error(`checks/contract-docs/words.ts says nothing of "${field}"`);
  return found;
}
