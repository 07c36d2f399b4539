import { World } from '../../runtime/world';

/** A run of a release, or of one of its jobs again. */
export interface ReleaseRun {
  readonly id: number;
  readonly tag: string;
  readonly attempt?: number;
  readonly env?: NodeJS.ProcessEnv;
}

/** A person goes back to v1. */
export async function goBack(world: World, environment: string): Promise<void> {
  const { code, output } = await world.step({ id: world.newRun(), tag: 'v2' }, 'rollback', environment, '--release', 'v1', '--reason', 'no');
  expect({ code, output }).toMatchObject({ code: 0 });
}

export function confirm(world: World, run: ReleaseRun): ReturnType<World['step']> {
  return world.step({ ...run, env: { DELIVERY_DEPLOYED: 'success', ...run.env } }, 'monitor', 'production');
}
