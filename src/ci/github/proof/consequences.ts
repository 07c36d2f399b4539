import { ProvenEnvironment } from './cone';
import { Fault } from './faults';
import { Disproof } from './proof';

/** What a path comes to. */
const CONSEQUENCES: Readonly<Record<Fault, (environment: ProvenEnvironment) => string>> = {
  leftUnverified: ({ name }) => `a run can leave ${name} on a release that is neither verified nor rolled back`,
  pastUnverified: ({ name, after }) => `a release can reach ${name} that ${after} did not verify`,
  unprepared: ({ name }) => `a release can be deployed to ${name} that was not planned, built or tested`,
  startedInCancelled: ({ name }) => `a cancelled run can deploy to ${name}`,
  needless: ({ name }) => `a job can begin, and ask for an approval of ${name}, after nothing was deployed`,
  secondApproval: ({ name }) => `a run can ask twice for an approval of ${name}`,
};

/** Returns what can happen, and the shortest way there. */
export function consequenceOf({ environment, fault, story }: Disproof): string {
  return `${CONSEQUENCES[fault](environment)}: ${story.join(', ')}`;
}
