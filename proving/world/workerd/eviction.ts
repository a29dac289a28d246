/** Objects thrown out of memory, as the platform does with those that are idle. */
import { evictDurableObject } from 'cloudflare:test';

/**
 * `gone`: on a slow machine the platform is sometimes first, and evicts what was idle for ten seconds. `held`: workerd keeps hold of an object
 * for a while after a call of its has failed; it stays in memory.
 */
export type Eviction = 'evicted' | 'gone' | 'held';

export async function evict(stub: DurableObjectStub): Promise<Eviction> {
  try {
    await evictDurableObject(stub);
    return 'evicted';
  } catch (error) {
    if (error instanceof Error && error.message.includes('not currently running')) return 'gone';
    if (error instanceof Error && error.message.includes('active references')) return 'held';
    throw error;
  }
}
