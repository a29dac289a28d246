/** Mistakes at the GPU worker's door: which forms it takes, what it makes of them, and what counts at the end. */
import { type Bug, domain, door, object, queue } from '../bug.ts';

const AUTH = 'server/src/security/callback-auth.ts';
const DOOR = 'server/src/doors/callback.ts';
const CONTRACT = 'server/src/contract/callback.ts';
const TEXT = 'server/src/contract/text.ts';
const ENCODING = 'server/src/doors/encoding.ts';
const LOOK = 'server/src/domain/job/look.ts';
const INVENTORY = 'server/src/storage/inventory.ts';
const SIGNATURE = 'client-sdk/src/webhooks/signature.ts';
const stock = 'client-sdk/test/webhooks/stock.test.ts';
const forms = door('callback-forms');
const webhooks = door('standard-webhooks');

export const CALLBACK: Bug[] = [
  {
    name: 'the secret that is dispatched is not the token that the server checks',
    file: 'server/src/domain/webhook-secret.ts',
    find: 'PREFIX + btoa(key)',
    replace: "PREFIX + btoa(key.replace('cb_', ''))",
    tests: [webhooks],
  },
  {
    name: 'a global secret of Standard Webhooks is its own key',
    file: AUTH,
    find: '[keyOfText(secret), keyOfBytes(bytes)]',
    replace: '[keyOfText(secret)]',
    tests: [webhooks],
  },
  {
    name: 'of several signatures the first one counts',
    file: AUTH,
    find: "filter((part) => part.startsWith('v1,'));",
    replace: "slice(0, 1).filter((part) => part.startsWith('v1,'));",
    tests: [webhooks],
  },
  {
    name: 'a webhook-id may be as long as it likes',
    file: AUTH,
    find: ' || id.length > MAX_ID',
    replace: '',
    tests: [webhooks],
  },
  {
    name: 'a callback secret that no stock library can read goes unnoticed',
    file: 'server/src/settings/reader.ts',
    find: 'if (bytes < MIN_KEY_BYTES) this.#bad(',
    replace: 'if (bytes < 0) this.#bad(',
    tests: [domain('settings')],
  },
  {
    name: "the client takes a Standard Webhooks secret for its key's bytes",
    file: SIGNATURE,
    find: 'secret.startsWith(PREFIX) ? decode(secret.slice(PREFIX.length)) : encode(secret)',
    replace: 'encode(secret)',
    tests: [stock],
  },
  {
    name: "Python's recipe signs with the text of the secret",
    file: 'examples/sign_callback.py',
    find: 'base64.b64decode(callback_secret.removeprefix("whsec_"))',
    replace: 'callback_secret.removeprefix("whsec_").encode()',
    tests: [stock],
  },
  {
    name: 'the token counts as bearer alone',
    file: AUTH,
    find: '      if (sameText(value, token)) return',
    replace: '      if (value === bearer && sameText(value, token)) return',
    tests: [forms],
  },
  {
    name: 'a bearer stands one blank after its scheme',
    file: AUTH,
    find: '/^Bearer\\s+(\\S+)$/i',
    replace: '/^Bearer (\\S+)$/i',
    tests: [forms],
  },
  {
    name: 'a signature is over the text, not over what was sent',
    file: DOOR,
    find: '[sent, body.value] : [sent]',
    replace: '[new TextEncoder().encode(text)] : [new TextEncoder().encode(text)]',
    tests: [forms],
  },
  {
    name: 'a signature counts over the compressed bytes alone',
    file: DOOR,
    find: '[sent, body.value] : [sent]',
    replace: '[sent] : [sent]',
    tests: [forms],
  },
  {
    name: 'a body is unpacked for somebody without a credential',
    file: DOOR,
    find: '  if (shown === null && !isSigned(headers)) return nobody();\n',
    replace: '',
    tests: [forms],
  },
  {
    name: 'a compressed body is unpacked whatever becomes of it',
    file: ENCODING,
    find: 'if (bytes > limit) return',
    replace: 'if (bytes > 2 ** 40) return',
    tests: [forms],
  },
  {
    name: 'a body that is damaged is an error of ours',
    file: ENCODING,
    find: '  } catch {\n    return invalid(',
    replace: '  } catch (error) {\n    if (bytes >= 0) throw error;\n    return invalid(',
    tests: [forms],
  },
  {
    name: 'a list of results that is null is a batch',
    file: DOOR,
    find: ' && json.items !== null;',
    replace: ';',
    tests: [forms],
  },
  {
    name: 'a slash at the end of the callback is another address',
    file: 'server/src/index.ts',
    find: 'callback\\/?$/;',
    replace: 'callback$/;',
    tests: [forms],
  },
  {
    name: 'a status in capitals is none',
    file: CONTRACT,
    find: 'word.trim().toLowerCase()',
    replace: 'word.trim()',
    tests: [domain('messages'), forms],
  },
  {
    name: 'a word for failure is done',
    file: CONTRACT,
    find: "'failure', 'fail', 'error', 'errored'],",
    replace: "'failure', 'fail'],",
    tests: [domain('messages'), forms],
  },
  {
    name: 'a reason is cut in the middle of a character',
    file: TEXT,
    find: 'if (end > 0) return clean.slice(0, end);',
    replace: 'if (end > 0) return clean.slice(0, max);',
    tests: [domain('text'), domain('messages'), forms],
  },
  {
    name: 'half a character is kept as it is',
    file: TEXT,
    find: 'text.toWellFormed().replaceAll',
    replace: 'text.replaceAll',
    tests: [domain('text'), domain('messages'), forms],
  },
  {
    name: 'our own reason for what is left open is cut by no one',
    file: 'server/src/domain/job/ending.ts',
    find: 'cutText(said, MAX_ITEM_ERROR)',
    replace: 'said',
    tests: [domain('job/ending')],
  },
  {
    name: 'reasons from before, cut in half, are told so',
    file: 'server/src/durable-objects/job-coordinator/store.ts',
    find: "(error ?? 'failed').toWellFormed()",
    replace: "error ?? 'failed'",
    tests: [object('ending')],
  },
  {
    name: 'an empty object is a result',
    file: LOOK,
    find: "  if (bytes === 0) return { kind: 'none', reason: RESULT_EMPTY };\n",
    replace: '',
    tests: [domain('job/look'), object('ending')],
  },
  {
    name: 'a few bytes of text that were put as a picture are one',
    file: LOOK,
    find: "bytes < SMALLEST_USUAL ? 'unclear' : 'result'",
    replace: "bytes < 0 ? 'unclear' : 'result'",
    tests: [domain('job/look'), object('ending')],
  },
  {
    name: 'what has no type is a result, whatever it begins with',
    file: INVENTORY,
    find: 'head !== null && isPicture(new Uint8Array(await head.arrayBuffer()))',
    replace: 'head !== null',
    tests: [object('ending')],
  },
  {
    name: 'every result is read to see what it is',
    file: INVENTORY,
    find: "if (verdict.kind === 'result') results |= bit(idx);\n    else if (",
    replace: 'if (',
    tests: [object('ending')],
  },
  {
    name: 'an object beside a result stands for it',
    file: INVENTORY,
    find: ' || key !== outputKey(job, idx)',
    replace: '',
    tests: [object('ending')],
  },
  {
    name: 'why something is no result is not told',
    file: 'server/src/domain/job/ending.ts',
    find: 'look.reasons.get(idx) ?? RESULT_MISSING',
    replace: 'RESULT_MISSING',
    tests: [domain('job/results'), object('ending')],
  },
  {
    name: 'a preview is what was named, wherever it lies',
    file: 'server/src/domain/job/ending.ts',
    find: 'previews: look.previews & done }',
    replace: 'previews: job.previews & done }',
    tests: [domain('job/results'), object('ending')],
  },
  {
    name: 'an empty preview is shown',
    file: LOOK,
    find: 'return bytes > 0 && (plain.startsWith(',
    replace: 'return bytes >= 0 && (plain.startsWith(',
    tests: [domain('job/look'), object('ending')],
  },
  {
    name: 'png is no result where another type was asked for',
    file: LOOK,
    find: 'plain !== asked && plain !== USUAL_TYPE',
    replace: 'plain !== asked',
    tests: [domain('job/look'), queue('format')],
  },
];
