/**
 * Files whose awaits are no steps of a saga: they compute, and leave nothing behind wherever they stop. Every other file
 * below server/src is taken, also one that does not exist yet.
 */
export const NOT_STEPS: { files: RegExp; reason: string }[] = [
  { files: /^security\//, reason: 'Web Crypto only: whoever calls it is itself a point' },
  { files: /^gpu\/message$/, reason: 'makes the callback token: Web Crypto only' },
  { files: /^doors\/(body|json-body)$/, reason: 'reads the request: what stops there has not begun' },
];
