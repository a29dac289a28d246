/** What is kept of a user, in memory: as much of it as the server's own parts read and write. Times are milliseconds since the Unix epoch. */
import type { Receipt } from '../../../server/src/contract/user.ts';
import { type Account, type Hold, openedWith } from '../../../server/src/domain/ledger.ts';
import type { SignUp } from '../../../server/src/domain/sign-up.ts';
import type {
  Grant,
  JobEntry,
  More,
  NewUser,
  StoredRule,
  User,
} from '../../../server/src/durable-objects/user-limiter/state.ts';

/** Ended jobs that are remembered with the account. */
const MAX_RECENT = 20;

const fresh = (opened: NewUser, more: More): User => ({ ...opened, sessionEpoch: 0, live: [], recent: [], more });

const receiptOf = ({ key, amount, reason, createdAt }: Grant, userId: string): Receipt => ({
  id: `grant:${userId}:${key}`,
  type: 'grant',
  amount,
  ref: reason,
  createdAt: new Date(createdAt),
});

export function userOnMemory() {
  let user: User | null = null;
  /** What is counted before the account is open. */
  let early: More = {};
  const receipts = new Map<string, Hold>();
  const grants = new Map<string, Grant>();
  const rules = new Map<string, StoredRule>();
  const charges: Receipt[] = [];
  const save = (change: Partial<User>): void => {
    if (user !== null) user = { ...user, ...change };
  };
  const note = (granted: Grant | null): void => {
    if (granted !== null) grants.set(granted.key, granted);
  };
  return {
    user: () => user,
    /** What the account will be, while it is not open. */
    toCome: ({ userId, deviceHash, signedUpAt }: SignUp): User =>
      fresh({ userId, account: openedWith(), deviceHash, createdAt: signedUpAt }, early),
    receipt: (jobId: string) => receipts.get(jobId) ?? null,
    grant: (key: string) => grants.get(key) ?? null,
    rule: (id: string) => rules.get(id) ?? null,
    rules: () => [...rules.values()].filter(({ deletedAt }) => deletedAt === null),
    create: (opened: NewUser, granted: Grant | null): void => {
      user = fresh(opened, early);
      note(granted);
    },
    saveAccount: (account: Account, { live, recent, more }: Pick<User, 'live' | 'recent' | 'more'>) =>
      save({ account, live, recent, more }),
    saveLive: (live: readonly Hold[]) => save({ live: [...live] }),
    saveMore: (more: More): void => {
      if (user === null) early = more;
      else save({ more });
    },
    saveRecent: (recent: readonly JobEntry[]) => save({ recent: [...recent] }),
    saveSessionEpoch: (sessionEpoch: number, more: More) => save({ sessionEpoch, more }),
    saveSettled: (before: User, account: Account, hold: Hold, ended: JobEntry['ended']): void => {
      const { jobId, createdAt, settledAt, charged } = hold;
      const entry = { jobId, createdAt, ...(ended !== undefined && { ended }) };
      const live = before.live.filter((one) => one.jobId !== jobId);
      save({ ...before, account, live, recent: [entry, ...before.recent].slice(0, MAX_RECENT) });
      receipts.set(jobId, hold);
      if (charged === null || charged === 0) return;
      const at = new Date(ended?.endedAt ?? settledAt ?? 0);
      charges.push({ id: `charge:${jobId}`, type: 'charge', amount: -charged, ref: jobId, createdAt: at });
    },
    saveChanged: (before: User, account: Account, granted: Grant | null): void => {
      save({ ...before, account });
      note(granted);
    },
    saveRule: (rule: StoredRule, more: More): void => {
      rules.set(rule.id, rule);
      save({ more });
    },
    /** What was granted and charged, newest first. */
    ledger: (): Receipt[] => {
      const granted = [...grants.values()].map((grant) => receiptOf(grant, user?.userId ?? ''));
      return [...granted, ...charges].sort((a, b) => +b.createdAt - +a.createdAt || (a.id < b.id ? 1 : -1));
    },
  };
}
