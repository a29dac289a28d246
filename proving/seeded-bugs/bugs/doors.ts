/** Mistakes at the doors: the queue, callbacks, tokens, other people's ids. */
import { type Bug, domain, door, other, queue, rpc } from '../bug.ts';

const CONSUMER = 'server/src/queue/consumer.ts';
const SEND = 'server/src/gpu/send.ts';
const CALLBACK_AUTH = 'server/src/security/callback-auth.ts';

export const DOORS: Bug[] = [
  {
    name: 'a poisoned message takes its batch along',
    file: CONSUMER,
    find: "    log('error', 'queue.message.failed', { messageId: message.id, tries: message.attempts, ...failure(error) });\n    message.retry();",
    replace: '    throw error;',
    tests: [queue('consumer')],
  },
  {
    name: 'a definite refusal is not tried again',
    file: SEND,
    find: '      return job.refuseDispatch(attempt, outcome.reason);',
    replace: '      return;',
    tests: [queue('provider-answers')],
  },
  {
    name: 'an ambiguous answer is offered again',
    file: SEND,
    find: '      // It may run: the lease decides. Sending it again now could pay for it twice.\n      return;',
    replace: '      return job.refuseDispatch(attempt, outcome.reason);',
    tests: [queue('provider-answers')],
  },
  {
    name: 'a dead letter is acked before the job has heard of it',
    file: 'server/src/queue/dead-letter.ts',
    find: "    log('error', 'dead-letter.failed', { jobId, userId, attempt, ...failure(error) });\n    message.retry();",
    replace: '    message.ack();',
    tests: [queue('dead-letter')],
  },
  {
    name: "somebody else's job is shown",
    file: 'server/src/durable-objects/job-coordinator/shell.ts',
    find: '    return job !== null && job.userId === userId && job.deletedAt === null ? job : null;',
    replace: '    return job !== null && userId !== null && job.deletedAt === null ? job : null;',
    tests: [rpc('ownership')],
  },
  {
    name: "another job's callback token is taken",
    file: CALLBACK_AUTH,
    find: "  return `cb_${mac(hmacKey(secret, 'callback-token'), jobId, 'base64url')}`;",
    replace: "  return `cb_${mac(hmacKey(secret, 'callback-token'), jobId.slice(0, 0), 'base64url')}`;",
    tests: [door('callback-auth'), door('callback')],
  },
  {
    name: 'an old signature is taken',
    file: CALLBACK_AUTH,
    find: '  if (Math.abs(now / 1000 - Number(timestamp)) > TIMESTAMP_TOLERANCE) return null;\n',
    replace: '',
    tests: [door('callback-auth')],
  },
  {
    name: 'the global secret is taken although it is switched off',
    file: CALLBACK_AUTH,
    find: 'settings.callbackGlobalSecret && sameText(value, secret)',
    replace: 'sameText(value, secret)',
    tests: [door('callback-auth')],
  },
  {
    name: 'a session token that has expired is taken',
    file: 'server/src/security/session-token.ts',
    find: '      clockTolerance: lateSeconds,',
    replace: '      clockTolerance: 31_536_000,',
    tests: [rpc('session')],
  },
  {
    name: 'a ticket admits to every job',
    file: 'server/src/security/ticket.ts',
    find: '`${jobId}',
    replace: '`${jobId.length}',
    tests: [other('security', 'ticket')],
  },
  {
    name: 'one rule more than the plan has slots',
    file: 'server/src/domain/rule-slots.ts',
    find: '  if (used < limit) return ok(null);',
    replace: '  if (used <= limit) return ok(null);',
    tests: [domain('ledger'), 'server/test/durable-objects/user-limiter.test.ts'],
  },
  {
    name: "a user's own object takes changes from a session that was revoked",
    file: 'server/src/durable-objects/user-limiter/access.ts',
    find: 'session.issuedAt < user.sessionEpoch',
    replace: '(false as boolean)',
    tests: [rpc('session')],
  },
];
