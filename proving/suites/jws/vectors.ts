/**
 * What Wycheproof's vectors for HMAC-SHA-256 and for JSON Web Signatures do to a good MAC and a good token, as functions: our doors take
 * keys of our own, so that the vectors' bytes would only show that a foreign key is refused.
 *
 * Source: https://github.com/C2SP/wycheproof at dac1dd4, Apache-2.0: `testvectors_v1/hmac_sha256_test.json` (tags of 256 and 128 bits),
 * `testvectors_v1/json_web_signature_test.json` (groups hs256, base64, rfc7520, and what the others say of `none` and of confused keys).
 * Names are those of the vectors.
 */
import { createECDH, createHmac } from 'node:crypto';

/** Of a MAC of 32 bytes, another one. */
export type Tag = { name: string; change(tag: Buffer): Buffer };

const flipping = (...bits: number[]): Tag => ({
  name: bits.length === 1 ? `flipped bit ${bits[0]} in tag` : `flipped bits ${bits.join(' and ')} in tag`,
  change: (tag) => {
    const changed = Buffer.from(tag);
    for (const bit of bits) changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    return changed;
  },
});
const BITS = [0, 1, 7, 8, 31, 32, 33, 63, 64, 71, 77, 80, 96, 97, 103, 120, 121, 126, 127, 248, 249, 254, 255];

export const TAGS: readonly Tag[] = [
  ...BITS.map((bit) => flipping(bit)),
  flipping(0, 64),
  flipping(31, 63),
  flipping(63, 127),
  { name: 'all bits of tag flipped', change: (tag) => tag.map((byte) => byte ^ 0xff) as Buffer },
  { name: 'tag changed to all zero', change: (tag) => Buffer.alloc(tag.length) },
  { name: 'tag changed to all 1', change: (tag) => Buffer.alloc(tag.length, 0xff) },
  { name: 'msbs changed in tag', change: (tag) => tag.map((byte) => byte ^ 0x80) as Buffer },
  { name: 'lsbs changed in tag', change: (tag) => tag.map((byte) => byte ^ 0x01) as Buffer },
  { name: 'a tag of 128 bits', change: (tag) => tag.subarray(0, 16) },
  { name: 'a tag of one byte', change: (tag) => tag.subarray(0, 1) },
  { name: 'a tag that goes on', change: (tag) => Buffer.concat([tag, Buffer.alloc(1)]) },
  { name: 'a tag twice', change: (tag) => Buffer.concat([tag, tag]) },
];

/** A token in its parts, and how to sign others with the same key. */
export type Parts = {
  header: string;
  payload: string;
  tag: string;
  kid: string;
  /** A whole token over these two parts, whatever they hold. */
  signed(header: string, payload: string): string;
};
export type Jws = { name: string; token(parts: Parts): string };

export const encoded = (text: string): string => Buffer.from(text).toString('base64url');
const decoded = (part: string): string => Buffer.from(part, 'base64url').toString();
/** Another character at one place. */
const other = (text: string, at: number): string =>
  `${text.slice(0, at)}${text[at] === 'X' ? 'Y' : 'X'}${text.slice(at + 1)}`;

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** The same bytes, in other text: the last character has bits that no byte needs. Of a part without such bits, the part itself. */
export function withUnusedBits(part: string): string {
  if (part.length % 4 === 0) return part;
  const last = ALPHABET.indexOf(part.at(-1) ?? '');
  return `${part.slice(0, -1)}${ALPHABET[last + 1]}`;
}

const jws = (name: string, token: Jws['token']): Jws => ({ name, token });

/** The service's own, and what a signer may write otherwise. */
export const VALID: readonly Jws[] = [
  jws('acceptsValid', ({ header, payload, tag }) => `${header}.${payload}.${tag}`),
  jws('ValidSpacesInJsonHeader', ({ payload, kid, signed }) =>
    signed(encoded(`{ "kid" : "${kid}", "typ" : "JWT", "alg" : "HS256" }`), payload),
  ),
  jws('ValidWhiteSpaceInJsonHeader', ({ payload, kid, signed }) =>
    signed(encoded(`{"kid":"${kid}",\n\t"typ":"JWT",\r\n"alg":"HS256"}`), payload),
  ),
  ...['AAA', '___'].map((start) =>
    jws(`ValidEdgeCaseMac ${start}`, ({ header, payload, signed }) => {
      const claims = JSON.parse(decoded(payload)) as Record<string, unknown>;
      for (let jti = 0; ; jti++) {
        const token = signed(header, encoded(JSON.stringify({ ...claims, jti: String(jti) })));
        if (token.split('.')[2]?.startsWith(start)) return token;
      }
    }),
  ),
];

export const INVALID: readonly Jws[] = [
  jws('rejectsModifiedSignature', ({ header, payload, tag }) => `${header}.${payload}.${other(tag, 0)}`),
  jws('rejectsMissingSignature', ({ header, payload }) => `${header}.${payload}.`),
  jws('rejectsMissingSignatureAndSeparator', ({ header, payload }) => `${header}.${payload}`),
  jws('rejectsModifiedPayload', ({ header, payload, tag }) => `${header}.${other(payload, 12)}.${tag}`),
  jws('rejectsMissingPayload', ({ header, tag }) => `${header}..${tag}`),
  jws('rejectsMissingPayload, signed', ({ header, signed }) => signed(header, '')),
  jws('rejectsMissingPayloadAndSeparator', ({ header, tag }) => `${header}.${tag}`),
  jws('rejectsModifiedHeader', ({ header, payload, tag, kid }) => {
    const modified = decoded(header).replace(kid, `X${kid.slice(1)}`);
    return `${encoded(modified)}.${payload}.${tag}`;
  }),
  jws('rejectsMissingHeader', ({ payload, tag }) => `.${payload}.${tag}`),
  jws('rejectsMissingHeader, signed', ({ payload, signed }) => signed('', payload)),
  jws('rejectsMissingHeaderAndSeparator', ({ payload, tag }) => `${payload}.${tag}`),
  jws('rejectsMissingHeaderAndSignature', ({ payload }) => `.${payload}.`),
  jws('rejectsMissingHeaderSignatureAndSeparators', ({ payload }) => payload),
  jws('rejectsEmptyString', () => ''),
  jws('rejectsExtraEmptyComponent', ({ header, payload, tag }) => `${header}.${payload}.${tag}.`),
  jws('rejectsExtraComponent', ({ header, payload, tag }) => `${header}.${payload}.${tag}.foo`),
  jws('rejectsNoneAlgorithmAndMissingSignature', ({ payload, kid }) => none({ alg: 'none', kid }, payload)),
  jws('algIsNone: NONE', ({ payload }) => none({ alg: 'NONE' }, payload)),
  jws('algIsNone: the kid is none', ({ payload }) => none({ alg: 'none', kid: 'none' }, payload)),
  jws('rejectsValidJsonSerialization', ({ header, payload, tag }) =>
    JSON.stringify({
      payload,
      signatures: [{ protected: header, header: { unknown: 'untrustworthy' }, signature: tag }],
    }),
  ),
  jws('rejectsValidJsonSerialization, flattened', ({ header, payload, tag }) =>
    JSON.stringify({ payload, protected: header, signature: tag }),
  ),
  jws('rejectsSymmetryConfusionAttacks_aesKeyFromEcVerificationKeyBytes', ({ header, payload }) => {
    const publicKey = createECDH('prime256v1').generateKeys();
    return `${header}.${payload}.${createHmac('sha256', publicKey).update(`${header}.${payload}`).digest('base64url')}`;
  }),
  jws('rejectsSpacesInMac', ({ header, payload, tag }) => `${header}.${payload}.    ${tag}`),
  jws('rejectsInvalidCharacterInsertedInMac, before', ({ header, payload, tag }) => `${header}.${payload}.?${tag}`),
  jws('rejectsInvalidCharacterInsertedInMac, behind', ({ header, payload, tag }) => `${header}.${payload}.${tag}?`),
  jws('rejects0ReplacedbyInvalidCharacter', ({ header, payload, tag }) => `${header}.${payload}.?${tag.slice(1)}`),
  jws('rejectsInvalidCharacters', ({ header, payload, tag }) => `${header}.${payload}.????${tag.slice(4)}`),
  jws('spacesInHeader', ({ header, payload, signed }) => signed(`${header}    `, payload)),
  jws('invalidCharactersInHeader', ({ header, payload, signed }) => signed(`${header}####`, payload)),
  jws('invalidBase64Padding', ({ header, payload, tag }) => `${header}.${payload}.${tag}=`),
  jws('invalidBase64PaddingInHeader', ({ header, payload, signed }) => signed(padded(header), payload)),
  jws('invalidBase64PaddingInPayload', ({ header, payload, signed }) => signed(header, padded(payload))),
  jws('spacesInPayload', ({ header, payload, signed }) => signed(header, `    ${payload}`)),
  jws('invalidCharactersInPayload', ({ header, payload, signed }) => signed(header, `####${payload}`)),
  jws('InvalidCharacterInPayload', ({ header, payload, signed }) => signed(header, `?${payload}`)),
  // The suite calls these two valid, for readers that pass over such characters. RFC 7515 knows none of them.
  jws(
    'InvalidCharacterInsertedInHeader',
    ({ header, payload, tag }) => `${header.slice(0, -1)}?${header.at(-1)}.${payload}.${tag}`,
  ),
  jws('InvalidCharacterInsertedInPayload', ({ header, payload, tag }) => `${header}.${payload}?.${tag}`),
  jws('ModifiedUnusedBitsInMac', ({ header, payload, tag }) => `${header}.${payload}.${withUnusedBits(tag)}`),
  jws('ModifiedUnusedBitsInPayload', ({ header, payload, signed }) => signed(header, uneven(payload))),
  jws('ModifiedUnusedBitsInHeader', ({ payload, kid, signed }) =>
    signed(uneven(encoded(JSON.stringify({ alg: 'HS256', typ: 'JWT', kid }))), payload),
  ),
  jws('MacOfIncorrectlyEncodedMessage', ({ header, payload, signed }) => {
    const odd = uneven(payload);
    return `${header}.${odd}.${signed(header, encoded(decoded(payload))).split('.')[2]}`;
  }),
  jws('base64 of the other alphabet', ({ header, payload, signed }) => signed(header, inOtherAlphabet(payload))),
];

const none = (header: Record<string, string>, payload: string): string =>
  `${encoded(JSON.stringify(header))}.${payload}.`;
/** With `=` up to a multiple of four, one at least. */
const padded = (part: string): string => `${part}${'='.repeat(part.length % 4 === 0 ? 1 : 4 - (part.length % 4))}`;
/** The JSON object in `part`, with blanks behind it until its text has unused bits, and with those set. */
function uneven(part: string): string {
  let text = decoded(part);
  while (Buffer.byteLength(text) % 3 === 0) text += ' ';
  return withUnusedBits(encoded(text));
}
/** The JSON object in `part`, with a claim that puts `+` and `/` into its text. */
function inOtherAlphabet(part: string): string {
  const claims = JSON.parse(decoded(part)) as Record<string, unknown>;
  for (let blanks = ''; ; blanks += ' ') {
    const text = Buffer.from(JSON.stringify({ note: `${blanks}~~~???>>>`, ...claims })).toString('base64');
    if (/[+/]/.test(text)) return text.replaceAll('=', '');
  }
}
