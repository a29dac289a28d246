/** Rendering without a browser: a component whose hook's latest value a test can look at and wait for. */
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, createElement, type ReactNode, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import type { S3Client } from '../../src/index.ts';
import { S3Provider } from '../../src/react/index.ts';

(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;

export interface Rendered<T> {
  /** What the hook returned last. */
  readonly value: T;
  /** Each value that it returned. */
  readonly values: T[];
  readonly html: string;
  /** Renders until `met`, or fails. */
  until(met: (value: T) => boolean, what: string): Promise<T>;
  /** Does something that changes state. */
  act(work: () => void | Promise<void>): Promise<void>;
  unmount(): Promise<void>;
}

/** Renders a component that calls `hook` in StrictMode, below the providers of `client`. */
export async function render<T>(client: S3Client, hook: () => T, show?: (value: T) => ReactNode): Promise<Rendered<T>> {
  const values: T[] = [];
  const Component = () => {
    const value = hook();
    values.push(value);
    return show === undefined ? null : show(value);
  };
  const queryClient = new QueryClient({ defaultOptions: { queries: { retry: false }, mutations: { retry: false } } });
  const container = document.createElement('div');
  const root = createRoot(container);
  await act(async () => {
    const inner = createElement(S3Provider, { client }, createElement(Component));
    root.render(createElement(StrictMode, null, createElement(QueryClientProvider, { client: queryClient }, inner)));
  });
  return {
    values,
    get value() {
      return values.at(-1) as T;
    },
    get html() {
      return container.innerHTML;
    },
    async until(met, what) {
      for (let turns = 0; !met(values.at(-1) as T); turns++) {
        if (turns > 2_000) throw new Error(`rendered in vain until ${what}: ${JSON.stringify(values.at(-1))}`);
        await act(() => new Promise<void>((resolve) => setTimeout(resolve, 1)));
      }
      return values.at(-1) as T;
    },
    act: (work) => act(async () => work()),
    unmount: () => act(async () => root.unmount()),
  };
}
