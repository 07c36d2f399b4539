/** As project-types.ci.ts, in the build and the release workflow of each project that has them. */
import { COMBINATIONS } from './project-types';
import { validated, whatHolds } from './what-holds';

const joined = COMBINATIONS.filter(({ workflow }) => workflow !== 'own');

afterAll(() => {
  process.stdout.write(`in workflows of projen's: ${joined.length} combinations, ${COMBINATIONS.length} in all; ${validated.size} different workflows\n`);
});

whatHolds(joined);
