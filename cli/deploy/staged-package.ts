import { z } from 'zod';

/** The members of package.json that the functions need at run time. */
const Package = z.object({
  name: z.string(),
  version: z.string(),
  private: z.boolean(),
  type: z.literal('module'),
  main: z.string(),
  engines: z.record(z.string(), z.string()),
  dependencies: z.record(z.string(), z.string()),
});
type Package = z.infer<typeof Package>;

const Lock = z.looseObject({ packages: z.record(z.string(), z.looseObject({ dev: z.boolean().optional() })) });

/** package.json without what only developing needs: no scripts, so nothing is built where the functions run. */
export function toStagedPackage(text: string): Package {
  return Package.parse(JSON.parse(text));
}

/** The lock file for that package.json: the same versions, without packages that only developing needs. */
export function toStagedLock(text: string, { name, version, engines, dependencies }: Package): object {
  const lock = Lock.parse(JSON.parse(text));
  const kept = Object.entries(lock.packages).filter(([path, { dev }]) => path !== '' && dev !== true);
  return { ...lock, packages: { '': { name, version, engines, dependencies }, ...Object.fromEntries(kept) } };
}
