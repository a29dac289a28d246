/** An input for each procedure that works as it stands, with the ids of what was made here before. */

/** What earlier calls have left to go on with. */
export interface Carried {
  userId: string | null;
  jobId: string | null;
  ruleId: string | null;
  /** Names one call: the next one has another. */
  key: string;
}

/** The photo that is uploaded for a created job. */
export interface SamplePhoto {
  contentType: 'image/jpeg';
  bytes: number;
}

/** Stands for an id until there is one. */
export const NO_ID = { jobId: 'id-of-a-job', ruleId: 'id-of-a-rule', userId: 'id-of-a-user' } as const;
const WALL = { Wall: { action: 'recolor', value: 'sage' } };
const PRESET = 'interior';

export type Samples = Record<string, unknown>;

/** By full name; a procedure that takes nothing has none. */
export function samplesOf(carried: Carried, photo: SamplePhoto): Samples {
  const jobId = carried.jobId ?? NO_ID.jobId;
  const id = carried.ruleId ?? NO_ID.ruleId;
  const userId = carried.userId ?? NO_ID.userId;
  const idempotencyKey = carried.key;
  return {
    'auth.anon': {},
    'auth.revoke': {},
    'user.export': {},
    'user.ledger': { limit: 5 },
    'presets.get': { id: PRESET },
    'rules.create': { name: 'Sage walls', presetId: PRESET, concepts: WALL },
    'rules.get': { id },
    'rules.update': { id, name: 'Oak floor', concepts: { Floor: { action: 'recolor', value: 'oak' } } },
    'rules.delete': { id },
    'jobs.estimate': { preset: PRESET, photos: 1 },
    'jobs.create': { preset: PRESET, photos: [photo] },
    'jobs.renewUploads': { jobId, indexes: [0] },
    'jobs.confirmUpload': { jobId },
    'jobs.execute': { jobId, concepts: WALL, format: 'jpeg' },
    'jobs.get': { jobId },
    'jobs.watch': { jobId },
    'jobs.downloads': { jobId, files: [{ idx: 0, name: 'house.jpg' }] },
    'jobs.list': { limit: 5 },
    'jobs.cancel': { jobId },
    'jobs.delete': { jobId },
    'admin.setPlan': { userId, plan: 'pro' },
    'admin.grantCredits': { userId, amount: 100, reason: 'to try it', idempotencyKey },
    'admin.adopt': {
      ...{ userId: `earlier-${idempotencyKey}`, plan: 'free', credits: 10, deviceHash: null },
      ...{ createdAt: Date.UTC(2026, 0, 1), rules: [] },
    },
    'admin.deleteUser': { userId },
    'admin.job': { jobId },
    'admin.listDeadLetters': { limit: 5 },
    'admin.requeue': { jobId, idempotencyKey },
    'admin.reconcile': { userId },
  };
}

/** What has to be run first for this input to name something; null when it does. */
export function missingIn(input: unknown): 'jobs.create' | 'rules.create' | null {
  const text = JSON.stringify(input) ?? '';
  if (text.includes(`"${NO_ID.jobId}"`)) return 'jobs.create';
  return text.includes(`"${NO_ID.ruleId}"`) ? 'rules.create' : null;
}

/** The way of a job, each call with the one that comes after it. */
export const NEXT: Readonly<Record<string, string>> = {
  'jobs.estimate': 'jobs.create',
  'jobs.create': 'jobs.confirmUpload',
  'jobs.confirmUpload': 'jobs.execute',
  'jobs.execute': 'jobs.watch',
  'jobs.watch': 'jobs.get',
  'jobs.get': 'jobs.downloads',
  'jobs.downloads': 'jobs.delete',
  'rules.create': 'rules.get',
  'rules.get': 'rules.update',
  'rules.update': 'rules.delete',
};
