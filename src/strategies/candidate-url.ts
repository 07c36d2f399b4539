import { StrategyContext } from './strategy-definition';
import { DriverManifest } from '../contract/manifest';
import { addressesOf } from '../health-checks/health-check-options';
import { needsOutputs, webAddress } from '../validation/url';
import { invalid, show } from '../validation/validation-error';

/** The URLs of a candidate, one for each slot. */
export function candidateUrls(candidateUrl: string | undefined, slots: readonly string[]): string[] {
  return candidateUrl === undefined ? [] : slots.map((slot) => String(candidateUrl).replaceAll('{slot}', slot));
}

/** Whether the target's driver verifies a candidate itself: no URL leads to it. */
export function verifiesCandidate(driver: DriverManifest | undefined): driver is DriverManifest {
  return driver?.kind === 'lambda' || driver?.kind === 'npm' || driver?.kind === 'staticSite' || driver?.kind === 'githubPages';
}

/** The candidate must have another URL than the live release, which would be verified in its place. */
export function checkCandidateUrl(context: StrategyContext, candidateUrl: string, slots: readonly string[]): void {
  const { allowInsecure, driver, healthChecks, shown, url: live } = context;
  const option = `${shown} candidateUrl`;
  if (verifiesCandidate(driver)) invalid(option, 'no URL leads to a candidate of this target, so the health checks would probe another release', 'Leave it out: the target verifies the candidate itself');
  const placeholder = /\{[^}]*\}/.exec(String(candidateUrl).replaceAll('{slot}', ''))?.[0];
  if (placeholder !== undefined) invalid(option, `${show(candidateUrl)} contains ${placeholder}, which is not replaced`, 'Only {slot} is known, in lower case: https://{slot}.example.com');
  for (const slot of slots) {
    const candidate = webAddress(option, String(candidateUrl).replaceAll('{slot}', slot), allowInsecure);
    const taken = [...(needsOutputs(live) ? [] : [live]), ...healthChecks.flatMap(addressesOf)].find((url) => isProbedThere(candidate, new URL(url)));
    if (taken === undefined) continue;
    invalid(option, `${show(candidateUrl)} is where users find the release (${taken}), so the old release would be verified in place of the candidate`,
      'Name the address of the slot that has no traffic: https://{slot}.example.com');
  }
}

/** A candidate's URL replaces the origin of a check's URL, and precedes its path. */
function isProbedThere(candidate: URL, live: URL): boolean {
  return candidate.origin === live.origin && candidate.pathname === '/';
}
