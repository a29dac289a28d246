/** From counts to what they cost: jobs a day on the free plan and what binds, dollars on the paid plan. */
import { FREE_PER_DAY, OBJECT_GB, PAID_PER_MILLION, type Resource } from './prices.ts';
import type { WholeUsage } from './run-job.ts';
import { d1GbDays } from './storage.ts';

export function resourcesOf(usage: WholeUsage): Record<Resource, number> {
  return {
    'Worker requests': usage.workerRequests,
    'Worker CPU ms': usage.cpuMs,
    'object requests': usage.objectRequests + usage.cleanUp.objectRequests,
    'object GB-s': ((usage.objectActiveMs + usage.cleanUp.objectActiveMs) / 1000) * OBJECT_GB,
    'object rows read': usage.objectRowsRead + usage.cleanUp.objectRowsRead,
    'object rows written': usage.objectRowsWritten + usage.cleanUp.objectRowsWritten,
    'D1 rows read': usage.d1RowsRead + usage.cleanUp.d1RowsRead,
    'D1 rows written': usage.d1RowsWritten + usage.cleanUp.d1RowsWritten,
    'queue operations': usage.queueOperations,
    'R2 class A': usage.r2ClassA + usage.storageClassA + usage.cleanUp.r2ClassA,
    'R2 class B': usage.r2ClassB + usage.storageClassB,
    'R2 GB-days': usage.r2GbDays,
    'D1 GB-days': d1GbDays(usage.d1Bytes),
  };
}

const RESOURCES = Object.keys(PAID_PER_MILLION) as Resource[];

/** How many such jobs the free plan's limits allow a day, the tightest first. */
export function freeJobs(usage: WholeUsage): { resource: Resource; jobs: number }[] {
  const used = resourcesOf(usage);
  return RESOURCES.flatMap((resource) => {
    const free = FREE_PER_DAY[resource];
    return free === null || used[resource] === 0 ? [] : [{ resource, jobs: free / used[resource] }];
  }).sort((a, b) => a.jobs - b.jobs);
}

/** Dollars for a thousand photos beyond what the paid plan includes, by resource, the dearest first. */
export function dollarsPer1000(usage: WholeUsage, photos: number): { resource: Resource; dollars: number }[] {
  const used = resourcesOf(usage);
  return RESOURCES.map((resource) => ({
    resource,
    dollars: ((used[resource] / photos) * 1000 * PAID_PER_MILLION[resource]) / 1_000_000,
  })).sort((a, b) => b.dollars - a.dollars);
}
