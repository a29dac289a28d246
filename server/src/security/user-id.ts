/**
 * Ids made from a sign-up key: the same key names the same user, without anything being stored for it. While a rotation is under way
 * they come from the secret before it, so that a key means the same user before and after.
 */
import { USER_ID_LENGTH } from '../domain/sign-up.ts';
import type { Settings } from '../settings/settings.ts';
import { hmacKey, mac } from './derive.ts';

const secretOfIds = ({ jwtSecret, jwtSecretPrevious }: Settings): string => jwtSecretPrevious ?? jwtSecret;

export function userIdFor(signupKey: string, settings: Settings): string {
  return `usr_${mac(hmacKey(secretOfIds(settings), 'user-id'), signupKey, 'base64url').slice(0, USER_ID_LENGTH)}`;
}

/** A UUID that is the same for the same user id: under it Turnstile verifies the same token again. */
export function repeatKeyOf(userId: string, settings: Settings): string {
  const hex = mac(hmacKey(secretOfIds(settings), 'turnstile'), userId, 'hex');
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5');
}

/** Names an address in what is stored, without telling it. @param address as addressKey gives it */
export const addressMark = (address: string, settings: Settings): string =>
  mac(hmacKey(secretOfIds(settings), 'address'), address, 'base64url').slice(0, USER_ID_LENGTH);
