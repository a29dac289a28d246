/** Who is signed in here, and what his calls have left to go on with; both survive a reload. */
import type { Session } from '@s3-workers/client-sdk';
import { useCallback, useEffect, useState } from 'react';
import { isSignedIn, signIn, signOut } from './calling.ts';
import type { Carried } from './samples.ts';

export interface PanelSession {
  /** Null when nobody is signed in. */
  current: Session | null;
  carried: Carried;
  signIn(): Promise<void>;
  signOut(): Promise<void>;
  /** Takes on what a call has made or ended. */
  carryOn(path: string, answer: unknown): Promise<void>;
}

type Ids = Pick<Carried, 'jobId' | 'ruleId'>;
const NO_IDS: Ids = { jobId: null, ruleId: null };
const KEPT = 's3-panel-ids';

export function useSession(): PanelSession {
  const [current, setCurrent] = useState<Session | null>(null);
  const [ids, setIds] = useState(keptIds);
  const [key, setKey] = useState(newKey);
  useEffect(() => keepIds(ids), [ids]);
  const enter = useCallback(async () => setCurrent(await signIn()), []);
  useEffect(() => {
    // What cannot be had is said where a call is made.
    if (isSignedIn()) enter().catch(() => {});
  }, [enter]);
  return {
    current,
    carried: { ...ids, userId: current?.userId ?? null, key },
    signIn: enter,
    async signOut() {
      await signOut();
      setCurrent(null);
      setIds(NO_IDS);
    },
    async carryOn(path, answer) {
      setKey(newKey());
      setIds((before) => ({ ...before, ...changedBy(path, answer) }));
      if (path === 'user.delete') setCurrent(null);
      else if (isSignedIn()) await enter();
    },
  };
}

const newKey = (): string => crypto.randomUUID();

function changedBy(path: string, answer: unknown): Partial<Ids> {
  const { jobId = null, id = null } = (answer ?? {}) as { jobId?: string; id?: string };
  if (path === 'jobs.create' || path === 'admin.requeue') return { jobId };
  if (path === 'rules.create') return { ruleId: id };
  if (path === 'jobs.delete') return { jobId: null };
  if (path === 'rules.delete') return { ruleId: null };
  return path === 'user.delete' ? NO_IDS : {};
}

function keptIds(): Ids {
  try {
    return { ...NO_IDS, ...(JSON.parse(localStorage.getItem(KEPT) ?? '{}') as Partial<Ids>) };
  } catch {
    return NO_IDS;
  }
}

function keepIds(ids: Ids): void {
  try {
    localStorage.setItem(KEPT, JSON.stringify(ids));
  } catch {
    // The page works without.
  }
}
