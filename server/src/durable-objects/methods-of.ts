/** How the parts of an object get what others of it can do: as functions, of which each part names those that it needs. */

/** The methods of a class, without its fields. */
export type Methods<T> = { [K in keyof T as T[K] extends (...args: never[]) => unknown ? K : never]: T[K] };

/** The methods of an instance's class, each bound to it. Those that the class inherits are not among them. */
export function methodsOf<T extends object>(instance: T): Methods<T> {
  const described = Object.entries(Object.getOwnPropertyDescriptors(Object.getPrototypeOf(instance)));
  const bound = described.flatMap(([name, { value }]) =>
    typeof value === 'function' ? [[name, value.bind(instance)] as const] : [],
  );
  return Object.fromEntries(bound) as Methods<T>;
}
