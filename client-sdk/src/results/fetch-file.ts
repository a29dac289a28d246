/** A picture from storage, whose errors name it. */
import { networkError } from '../errors.ts';
import type { Fetch } from '../wire/http.ts';

export interface FetchFileOptions {
  signal?: AbortSignal | undefined;
  fetch?: Fetch | undefined;
}

/** @throws NETWORK_ERROR with the file; what the signal was aborted with */
export async function fetchFile(
  url: string,
  file: { index: number; name: string },
  { signal, fetch: given = (address, init) => fetch(address, init) }: FetchFileOptions,
): Promise<Response> {
  let response: Response;
  try {
    response = await given(url, signal === undefined ? {} : { signal });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw networkError(`${file.name} could not be fetched`, { file, cause });
  }
  if (!response.ok) throw networkError(`${file.name}: storage answered HTTP ${response.status}`, { file, response });
  return response;
}
