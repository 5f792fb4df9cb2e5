import Module from 'node:module';
import type { CoreApi } from './core-api.js';

const CORE_MODULE = '@azure/functions-core';

/**
 * Serve `@azure/functions-core` to every CommonJS `require` of this process, as the platform's worker does.
 *
 * The module exists on no registry; `@azure/functions` asks for it at run time.
 */
export function provideCoreModule(api: CoreApi): void {
  const original = Reflect.get(Module.prototype, 'require') as NodeJS.Require; // Node keeps `require` on the prototype.
  Module.prototype.require = new Proxy(original, {
    apply: (target, self, args: unknown[]): unknown =>
      args[0] === CORE_MODULE ? api : Reflect.apply(target, self, args),
  });
}
