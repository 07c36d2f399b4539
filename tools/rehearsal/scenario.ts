/** What can be rehearsed: what a release does, and what goes wrong around it. */

export type ReleaseKind = keyof typeof RELEASES;
/** `own`: the release that the checkout holds, deployed by the project's own commands. */
export type RehearsedRelease = ReleaseKind | 'own';
export type FaultKind = keyof typeof FAULTS;

/** What users and health checks get of a release. */
export const RELEASES = {
  good: 'nothing is wrong with it',
  bad: 'healthy as a candidate, responds with 500 as soon as users reach it',
  stale: 'healthy, but says that it is the release before it',
  slow: 'responds later than the health checks wait',
  crash: 'ends before it listens: each connection is reset',
  flapping: 'two good responses, then a 500, again and again',
} as const;

/** Whether the health checks find the release healthy at some time, as a candidate or as users see it. */
export function isEverHealthy(release: RehearsedRelease): boolean {
  return release === 'good' || release === 'bad' || release === 'own';
}

/** What goes wrong beside the release. */
export const FAULTS = {
  'none': 'nothing else goes wrong',
  'cancel': 'a person cancels the run when users reach the release',
  'cancel-deploy': 'a person cancels the run while the deploy command runs',
  'lost-runner': 'the runner of the deploy job is lost when users reach the release',
  'lost-monitor': 'the runner of the monitor job is lost',
  'api-500': "GitHub's API responds with 500 to three requests of the deployment",
  'api-reset': "GitHub's API closes the connection of three requests of the deployment",
  'api-lag': "GitHub's API shows what was written only two reads later",
  'deploy-fails': 'the deploy command fails',
  'promote-fails': 'the command that switches users to the release fails',
  'restore-fails': 'the commands that restore the release before fail, too',
  'rejected': 'a reviewer rejects the deployment',
} as const;

export interface Scenario {
  readonly release: RehearsedRelease;
  readonly fault: FaultKind;
}

/** The matrix: each release, each fault, and faults that meet a bad release. Of a release of one's own: each fault. */
export function allScenarios({ hasPromote, isOwn = false }: { readonly hasPromote: boolean; readonly isOwn?: boolean }): Scenario[] {
  const releases = Object.keys(RELEASES) as ReleaseKind[];
  const faults = (Object.keys(FAULTS) as FaultKind[]).filter((fault) => !['none', 'restore-fails'].includes(fault) && (fault !== 'promote-fails' || hasPromote));
  if (isOwn) return (['none', ...faults] as const).map((fault): Scenario => ({ release: 'own', fault }));
  const both: FaultKind[] = ['cancel', 'lost-runner', 'api-500', 'restore-fails'];
  return [
    ...releases.map((release): Scenario => ({ release, fault: 'none' })),
    ...faults.map((fault): Scenario => ({ release: 'good', fault })),
    ...both.map((fault): Scenario => ({ release: 'bad', fault })),
  ];
}

export function describeScenario({ release, fault }: Scenario): string {
  const about = release === 'own' ? 'the release of this checkout' : `a release that is ${release} (${RELEASES[release]})`;
  return fault === 'none' ? about : `${about}; ${FAULTS[fault]}`;
}

/** Something that cannot be rehearsed, with the reason and what to do. */
export class RehearsalError extends Error {}
