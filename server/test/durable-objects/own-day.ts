/** A user, and a day of everybody's that no other test has photos in. */
import { env } from 'cloudflare:workers';
import { beforeEach, vi } from 'vitest';
import { signUp, type User } from '../../../proving/world/workerd/client.ts';
import { DAY, pass, wake } from '../../../proving/world/workerd/clock.ts';
import { CHOICE, type Job, runningJob } from '../../../proving/world/workerd/jobs.ts';
import { sqlIn, userObject } from '../../../proving/world/workerd/objects.ts';
import type { More } from '../../src/durable-objects/user-limiter/state.ts';

export let user: User;
let days = 0;
/** Another user, 40 days later: what all share is counted by the day. */
export async function nextUser(since: number): Promise<void> {
  days += 40;
  pass(since);
  user = await signUp();
}
beforeEach(async () => {
  await nextUser((days + 40) * DAY);
  vi.spyOn(console, 'log').mockReturnValue();
});

/** The object that keeps the ceilings. */
export const RESERVED = env.USER_LIMITER.idFromName('ceilings');
/** Before a test looks at who asks for it. */
export const ceilings = userObject('ceilings');
/** Photos that the day's ceiling for all counts, `ago` days before today. */
export async function counted(ago = 0): Promise<number> {
  const day = Math.floor(Date.now() / DAY) - ago;
  return Number((await sqlIn(ceilings, 'SELECT photos FROM day WHERE day = ?', day))[0]?.photos ?? 0);
}
/** Of those what is owed to that day: the alarm tells the ceiling a moment later that they are given back. */
export async function owed(ago = 0): Promise<number> {
  const day = Math.floor(Date.now() / DAY) - ago;
  const lowerings = ((await moreOf())?.lowerings ?? []).filter((one) => one.day === day);
  const claims = await sqlIn(ceilings, 'SELECT key, amount FROM claim WHERE day = ?', day);
  return lowerings.reduce((sum, { jobId, reached }) => {
    const claim = claims.find(({ key }) => key === jobId);
    return sum + (claim === undefined ? 0 : Math.max(0, Number(claim.amount) - reached));
  }, 0);
}
export const moreOf = async (): Promise<More> =>
  JSON.parse(String((await sqlIn(userObject(user.userId), 'SELECT more FROM account'))[0]?.more)) as More;
/** As a token of now would carry it. */
export const sessionOf = ({ userId }: User) => ({
  userId,
  signedUpAt: Date.now(),
  deviceHash: null,
  address: null,
  issuedAt: Date.now(),
});
export const execute = (jobId: string) =>
  user.client.jobs.execute.mutate({ jobId, ...CHOICE, idempotencyKey: `execute-${jobId.slice(0, 8)}` });
export const cancel = ({ jobId }: Job) => user.client.jobs.cancel.mutate({ jobId });
export const heard = () => wake(userObject(user.userId));
/** Jobs whose photos the provider takes, each in one run, and that are canceled then. */
export async function wasted(...photos: number[]): Promise<void> {
  for (const count of photos) await cancel(await runningJob(user, count));
}
/** Calls of the one object that keeps the ceilings, by method. */
export function ceilingCalls(): string[] {
  const calls: string[] = [];
  const get = env.USER_LIMITER.get.bind(env.USER_LIMITER);
  vi.spyOn(env.USER_LIMITER, 'get').mockImplementation((id) => {
    const stub = get(id);
    if (!id.equals(RESERVED)) return stub;
    return new Proxy(stub, {
      get: (target, name) => {
        calls.push(String(name));
        const method = Reflect.get(target, name) as (...args: unknown[]) => unknown;
        return (...args: unknown[]) => Reflect.apply(method, target, args);
      },
    });
  });
  return calls;
}
