/** Every project type with every package manager, in a workflow of its own; in workflows of projen's: joined.ci.ts. */
import { COMBINATIONS, PROJECT_TYPES } from './project-types';
import { OPTIONS, validated, whatHolds } from './what-holds';
import { deliver, temporaryFolder, withTasks } from '../test-project';

const own = COMBINATIONS.filter(({ workflow }) => workflow === 'own');

afterAll(() => {
  process.stdout.write(`project types: ${PROJECT_TYPES.length}, with their package managers ${own.length} combinations; ${validated.size} different workflows\n`);
});

whatHolds(own);

describe('a project without such a workflow is rejected', () => {
  it.each(PROJECT_TYPES.flatMap(({ workflows, ...type }) => (['build', 'release'] as const)
    .filter((kind) => !workflows.includes(kind)).map((kind) => [type.name, kind, type] as const)))('%s: %s', (_name, kind, { make, managers }) => {
    const project = withTasks(make(temporaryFolder(), managers[0]));
    expect(() => deliver(project, OPTIONS[kind])).toThrow(`the project 'shop' has no ${kind} workflow. Set ${kind === 'build' ? 'buildWorkflow' : 'release'}: true`);
  });
});
