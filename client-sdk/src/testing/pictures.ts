/** What the scripted GPU worker makes of every photo: the smallest picture of each type that decodes. */
import type { ResultFormat } from '../generated/types.ts';

const bytesOf = (base64: string): Uint8Array<ArrayBuffer> => {
  const text = atob(base64);
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
};

/** A PNG of one pixel. */
const PNG = bytesOf(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAADElEQVQI12M4sagKAAQaAeVdxk5hAAAAAElFTkSuQmCC',
);
/** A JPEG of one pixel. */
const JPEG = bytesOf(
  '/9j/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmBanGQc1tdhbWGkJ6jq62rZ4C8ybqmx5moq6T/2wBDARweHigjKE' +
    '4rK06kbl1upKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKT/wAARCAABAAEDASIAAhEBAxEB/8QAFQAB' +
    'AQAAAAAAAAAAAAAAAAAAAAT/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QAFAEBAAAAAAAAAAAAAAAAAAAAA//EABQRAQAAAAAAAAAAAAAAAAAAAA' +
    'D/2gAMAwEAAhEDEQA/ALAAGf/Z',
);
/** A WebP of one pixel. */
const WEBP = bytesOf('UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA');

export const RESULTS: Readonly<Record<ResultFormat, Uint8Array<ArrayBuffer>>> = { png: PNG, jpeg: JPEG, webp: WEBP };
export const PREVIEW = JPEG;
