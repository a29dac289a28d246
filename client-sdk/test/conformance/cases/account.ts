/** Sessions, credits, presets and rules. */
import type { Case } from '../env.ts';
import { equal, matches, ok, refused } from '../expect.ts';
import { newProUser, newUser, OAK } from '../steps.ts';

export const accountCases: Case[] = [
  {
    name: 'a new user is on the free plan, with ten credits, one job and two rule slots',
    async run(env) {
      const { client, userId } = await newUser(env);
      matches(
        await client.user.me(),
        {
          userId,
          plan: 'free',
          credits: { balance: 10, held: 0, spent: 0, granted: 10 },
          activeJobs: 0,
          ruleSlots: { used: 0, max: 2 },
          limits: { activeJobs: 1, photosPerJob: 10, ruleSlots: 2, photoBytes: 25_000_000 },
        },
        'me',
      );
      // Nothing is kept of a user until the first change.
      equal((await client.user.ledger()).receipts, [], 'receipts before the first change');
      await client.rules.create({ name: 'Mine', presetId: 'interior', concepts: OAK });
      const { receipts, nextCursor } = await client.user.ledger();
      equal([receipts.map(({ type, amount }) => [type, amount]), nextCursor], [[['grant', 10]], null], 'ledger');
    },
  },
  {
    name: 'a sign-up key that was made two days ago is refused, whether it was used or not',
    async run(env) {
      const time = (Date.now() - 2 * 86_400_000).toString(16).padStart(12, '0');
      const idempotencyKey = `${time.slice(0, 8)}-${time.slice(8)}-7${crypto.randomUUID().slice(15)}`;
      const client = env.createClient({ baseUrl: env.baseUrl, fetch: env.fetch });
      await refused(client.auth.anon({ idempotencyKey }), 'IDEMPOTENCY_CONFLICT');
    },
  },
  {
    name: 'the same sign-up key gives the same user, and another key another one',
    async run(env) {
      const signUp = (idempotencyKey: string) =>
        env.createClient({ baseUrl: env.baseUrl, fetch: env.fetch }).auth.anon({ idempotencyKey });
      const key = crypto.randomUUID();
      const [first, again, other] = [await signUp(key), await signUp(key), await signUp(crypto.randomUUID())];
      equal(again.userId, first.userId, 'the user of the repeated key');
      ok(other.userId !== first.userId, 'another user for another key');
    },
  },
  {
    name: 'a user takes along what is kept of him, and once deleted is unknown under every token he had',
    async run(env) {
      const { client, userId } = await newUser(env);
      const rule = await client.rules.create({ name: 'Mine', presetId: 'interior', concepts: OAK });
      const { token } = await client.auth.renew();
      const pages = [];
      for await (const page of client.user.export()) pages.push(page);
      const [first] = pages;
      equal([first?.user?.userId, first?.user?.credits.granted, first?.rules], [userId, 10, [rule]], 'the first page');
      equal(
        pages.flatMap(({ receipts }) => receipts.map(({ amount }) => amount)),
        [10],
        'receipts',
      );
      const deleted = await client.user.delete();
      equal([deleted.userId, deleted.goneBy instanceof Date], [userId, true], 'what becomes of him');
      const { baseUrl, fetch } = env;
      const other = env.createClient({ baseUrl, fetch, auth: { token } });
      await refused(other.user.me(), 'TOKEN_INVALID');
      await refused(other.rules.list(), 'TOKEN_INVALID');
      equal((await other.user.delete()).userId, userId, 'the same again');
      const { userId: next } = await client.auth.anon();
      ok(next !== userId, 'the client goes on as somebody new, who was asked for');
    },
  },
  {
    name: 'a token that is no token is refused as TOKEN_INVALID, and none at all as AUTH_REQUIRED',
    async run(env) {
      const { baseUrl, fetch } = env;
      const bad = env.createClient({ baseUrl, fetch, auth: { token: 'no.token.atall' } });
      const { status, requestId } = await refused(bad.user.me(), 'TOKEN_INVALID');
      equal(status, 401, 'status');
      ok(requestId, 'the id of the request');
      const answer = await fetch(`${baseUrl}/trpc/user.me`);
      const { error } = (await answer.json()) as { error: { json: { data: { errorCode: string } } } };
      equal([answer.status, error.json.data.errorCode], [401, 'AUTH_REQUIRED'], 'an answer without a token');
    },
  },
  {
    name: 'renew gives the same user another session, revoke ends the earlier ones',
    async run(env) {
      const { client, userId } = await newUser(env);
      const old = await client.auth.anon();
      equal((await client.auth.renew()).userId, userId, 'the renewed user');
      equal((await client.auth.revoke()).userId, userId, 'the user after revoke');
      const { baseUrl, fetch } = env;
      const stale = env.createClient({ baseUrl, fetch, auth: { token: old.token } });
      await refused(stale.auth.revoke(), 'TOKEN_INVALID');
      equal((await client.user.me()).userId, userId, 'me with the new session');
    },
  },
  {
    name: 'presets tell their concepts, palette and templates, and an unknown one is PRESET_NOT_FOUND',
    async run(env) {
      const { client } = await newUser(env);
      const [interior, seller] = await client.presets.list();
      equal([interior?.id, seller?.id], ['interior', 'seller'], 'ids');
      equal(interior?.protectByDefault, ['Grout', 'Frame_Molding', 'Glass_highlight'], 'protects by default');
      equal(interior?.palette[0]?.hex, '#C8A27A', 'the first colour');
      equal(await client.presets.get({ id: 'seller' }), seller, 'presets.get');
      const unknown = await refused(client.presets.get({ id: 'garden' as 'seller' }), 'PRESET_NOT_FOUND');
      equal(unknown.data, { field: 'id' }, 'data');
    },
  },
  {
    name: 'a rule is kept with its colours as #RRGGBB and the protects of its preset, changed, and deleted',
    async run(env) {
      const { client } = await newUser(env);
      const rule = await client.rules.create({ name: ' Oak ', presetId: 'interior', concepts: OAK });
      matches(
        rule,
        {
          name: 'Oak',
          concepts: { Floor: { action: 'recolor', value: '#C8A27A' } },
          protect: ['Grout', 'Frame_Molding', 'Glass_highlight'],
        },
        'rule',
      );
      const changed = await client.rules.update({ id: rule.id, name: 'Oak floor', protect: ['Door'] });
      matches(changed, { name: 'Oak floor', protect: ['Door'], concepts: rule.concepts }, 'changed rule');
      equal(await client.rules.list(), [changed], 'the list');
      equal(await client.rules.delete({ id: rule.id }), { id: rule.id, deleted: true }, 'the answer to delete');
      await refused(client.rules.get({ id: rule.id }), 'RULE_NOT_FOUND');
    },
  },
  {
    name: 'a third rule is RULE_SLOT_FULL on the free plan, and fits after an upgrade or a delete',
    async run(env) {
      const { client, userId } = await newUser(env);
      const create = (name: string) => client.rules.create({ name, presetId: 'interior', concepts: OAK });
      const first = await create('one');
      await create('two');
      equal((await refused(create('three'), 'RULE_SLOT_FULL')).data, { limit: 2 }, 'data');
      await client.rules.delete({ id: first.id });
      await create('three');
      await env.control.upgrade(userId);
      await create('four');
    },
  },
  {
    name: 'what does not fit the preset is refused with the name of its field',
    async run(env) {
      const { client } = await newUser(env);
      const create = (concepts: Record<string, unknown>) =>
        client.rules.create({ name: 'bad', presetId: 'seller', concepts: concepts as typeof OAK & object } as never);
      const concept = await refused(create({ Grout: { action: 'remove' } }), 'VALIDATION_ERROR');
      equal(concept.data.field, 'concepts.Grout', 'field of an unknown concept');
      const colour = await refused(create({ Body: { action: 'recolor', value: 'oak' } }), 'VALIDATION_ERROR');
      equal(colour.data.field, 'concepts.Body.value', 'field of an unknown colour');
      const name = client.rules.create({ name: '', presetId: 'interior', concepts: OAK });
      equal((await refused(name, 'VALIDATION_ERROR')).data.field, 'name', 'field of an empty name');
    },
  },
  {
    name: 'pro brings its credits on top, three jobs at a time and 200 photos a job',
    async run(env) {
      const { client } = await newProUser(env);
      const me = await client.user.me();
      equal([me.plan, me.credits.granted, me.limits.activeJobs], ['pro', 210, 3], 'plan, credits, jobs');
      equal(
        (await client.user.ledger()).receipts.map(({ amount }) => amount),
        [200, 10],
        'receipts, newest first',
      );
    },
  },
];
