/** Mistakes in who may watch and how that ends, and in what is claimed before it can be sent. */
import { type Bug, domain, door, object, queue, rpc } from '../bug.ts';

const DOOR = 'server/src/doors/watch.ts';
const WATCHERS = 'server/src/durable-objects/job-coordinator/watchers.ts';
const INSIDE = 'server/src/durable-objects/job-coordinator/inside-calls.ts';
const REVOCATION = 'server/src/durable-objects/user-limiter/revocation.ts';
const CONSUMER = 'server/src/queue/consumer.ts';

export const WATCHING: Bug[] = [
  {
    name: 'a ticket of a revoked session still opens a socket',
    file: DOOR,
    find: '  if (bearer.sessionFrom < (epoch ?? 0)) return refused(sessionRevoked().refusal);\n',
    replace: '',
    tests: [rpc('revoke-watching')],
  },
  {
    name: 'a ticket is as young as the answer that gave it, whatever the age of its session',
    file: 'server/src/rpc/jobs/view.ts',
    find: 'sessionFrom: session.issuedAt }',
    replace: 'sessionFrom: Math.max(session.issuedAt, Date.now()) }',
    tests: [rpc('revoke-watching')],
  },
  {
    name: 'a revocation leaves open what is open',
    file: INSIDE,
    find: '    this.#ports.watchers.endSessions(epoch);\n',
    replace: '',
    tests: [rpc('revoke-watching')],
  },
  {
    name: 'a job that was told of a revocation forgets it',
    file: INSIDE,
    find: '    this.#ports.shell.apply((job) => endSessions(job, epoch));\n',
    replace: '',
    tests: [rpc('revoke-watching')],
  },
  {
    name: 'a revocation is told to a job once, whether it hears it or not',
    file: REVOCATION,
    find: '    const left = owed.jobIds.filter((_, at) => !told[at]);',
    replace: '    const left = owed.jobIds.filter((_, at) => told[at] === undefined);',
    tests: [rpc('revoke-watching')],
  },
  {
    name: "a client's close is not answered",
    file: WATCHERS,
    find: '    line.close(code, reason);\n',
    replace: '    if (code === 1006) line.close(code, reason);\n',
    tests: [object('watch-closing')],
  },
  {
    name: 'sockets that are closing do not count',
    file: WATCHERS,
    find: '    if (this.#lines.count >= sockets) {',
    replace: '    if (this.#lines.open().length >= sockets) {',
    tests: [object('watch-closing')],
  },
  {
    name: 'a peer that never answers keeps its place for ever',
    file: WATCHERS,
    find: "    this.#ports.restart('peers do not answer the close of their sockets');\n",
    replace: '',
    tests: [object('watch-closing')],
  },
  {
    name: 'a run is claimed before it is signed',
    file: CONSUMER,
    find: '    const prepared = prepare(body.data, Date.now(), settings);\n    await carry(body.data, prepared, callsTo(env, id));',
    replace: `    const claim = await callsTo(env, id).beginDispatch(body.data.attempt, body.data.deadline);
    const prepared = prepare(body.data, Date.now(), settings);
    await carry(body.data, prepared, { ...callsTo(env, id), beginDispatch: () => claim });`,
    tests: [queue('consumer')],
  },
  ...['confirmDispatch(...taken)', 'refuseDispatch(...refusal)', 'rejectDispatch(...refusal)'].map((tell) => ({
    name: `what the provider answered is lost with the call that tells it: ${tell}`,
    file: CONSUMER,
    find: `reach(job, (stub) => stub.${tell})`,
    replace: `job().${tell}`,
    tests: [queue('provider-answers')],
  })),
  {
    name: 'a cancel that leads elsewhere is asked again without end',
    file: 'server/src/gpu/provider-call.ts',
    find: 'if (answer.status >= 500 ||',
    replace: 'if (answer.status >= 500 || answer.status < 400 && !answer.ok ||',
    tests: [object('effects')],
  },
  {
    name: 'a claim outlives the URLs that were signed for it',
    file: 'server/src/domain/job/dispatch.ts',
    find: '      leaseUntil: Math.min(now + settings.leaseMs, signedUntil),',
    replace: '      leaseUntil: now + settings.leaseMs,',
    tests: [domain('job/dispatch')],
  },
  {
    name: 'a photo that was settled meanwhile is sent all the same',
    file: 'server/src/gpu/prepare.ts',
    find: '    const items = signed.items.filter(({ idx }) => wanted.has(idx));',
    replace: '    const items = signed.items.filter(({ idx }) => wanted.has(idx) || idx >= 0);',
    tests: [queue('consumer')],
  },
  {
    name: 'a stack is cut before it is blacked out',
    file: 'server/src/log.ts',
    find: "cutText(redact(text.replace(/(\\?|%3F)[^\\s\"')]*/gi, '$1…')), limit);",
    replace: "redact(cutText(text.replace(/(\\?|%3F)[^\\s\"')]*/gi, '$1…'), limit));",
    tests: [domain('log')],
  },
  {
    name: 'whoever holds a ticket opens as many sockets a minute as he likes',
    file: DOOR,
    find: '  if (!(await env.MUTATION_LIMIT.limit({ key: `${userId}:watch` })).success) {',
    replace: "  if (!(await env.MUTATION_LIMIT.limit({ key: `${userId}:watch` })).success && userId === '') {",
    tests: [object('watch-closing'), door('watch')],
  },
];
