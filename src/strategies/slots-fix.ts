import { DriverManifest } from '../contract/manifest';

/** How a target without slots gets them, or what takes their place. Targets that are not named here cannot have slots. */
const FIXES: Partial<Record<DriverManifest['kind'], string>> = {
  ecs: 'Set it: Target.ecs({ cluster, blueGreen: { blue: \'web-blue\', green: \'web-green\', listener: \'arn:aws:elasticloadbalancing:...\' } }), or use Strategy.redeploy()',
  // a controller applies what the repository has: which users get it is decided in the cluster
  gitOps: 'Use Strategy.redeploy(), and let a Rollout of Argo Rollouts in the manifests move the users: its controller executes the steps',
  kubernetes: 'Set slots: Target.kubernetes({ ..., slots: { service: \'shop\' } }), or use Strategy.redeploy()',
};

/** Returns the fix for blue/green with a target that has no slots. */
export function blueGreenFix(driver: DriverManifest | undefined): string {
  if (!driver) return 'Add it: Target.tasks({ deploy: ..., promote: \'switch-traffic\' }), or use Strategy.redeploy()';
  return FIXES[driver.kind] ?? 'Use Strategy.redeploy()';
}

/** Returns the fix for a canary with a target that has no weights. */
export function canaryFix(driver: DriverManifest | undefined): string {
  const fix = driver?.kind === 'kubernetes' ? undefined : driver && FIXES[driver.kind];
  return fix ?? 'Add it: Target.commands({ deploy: ..., setWeight: \'./set-weight\' }), use Target.lambda(...), or use Strategy.redeploy()';
}
