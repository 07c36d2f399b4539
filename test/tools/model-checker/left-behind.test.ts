import { whereItDiffers } from '../../../tools/model-checker/crashes/left-behind';

const WHERE = '1002.1 deploy_production: deploy production';

/** A name, and what is in the files by then. */
type NamedPoint = string | readonly [name: string, left: string];

const pointsOf = (...points: NamedPoint[]) => points.map((one) => {
  const [name, left] = typeof one === 'string' ? [one, 'nothing'] : one;
  return { where: WHERE, name, nth: 1, left };
});
const kept = (...points: NamedPoint[]) => whereItDiffers(pointsOf(...points)).map(({ name }) => name);

test('between two changes it only reads: the first and the last point are left', () => {
  expect(kept(
    'before GET /deployments', 'after GET /deployments', 'before probe /health', 'after probe /health', 'before POST /deployments deploy',
    'after POST /deployments deploy', 'before GET /deployments 2', 'before git rev-parse', 'after git rev-parse', 'after GET /deployments 2',
  )).toEqual(['before GET /deployments', 'before POST /deployments deploy', 'after POST /deployments deploy', 'after GET /deployments 2']);
});

test('a file that it writes in between is a difference', () => {
  expect(kept('before GET 1', 'after GET 1', ['before GET 2', 'a result'], ['after GET 2', 'a result'], ['before GET 3', 'a result'], 'after GET 3', 'before GET 4', 'after GET 4'))
    .toEqual(['before GET 1', 'after GET 1', 'before GET 2', 'before GET 3', 'after GET 3', 'after GET 4']);
});

test('while a request is sent that changes something, it may have arrived or not', () => {
  expect(kept('before GET 1', 'after GET 1', 'before POST 1', 'before GET 2', 'after GET 2', 'before GET 3', 'after POST 1'))
    .toEqual(['before GET 1', 'before POST 1', 'before GET 2', 'before GET 3', 'after POST 1']);
});

test('a command, its guard, and what is not known to leave everything as it is are changes', () => {
  expect(kept('after probe 1', 'before command deploy', 'before the guard', 'after the guard began', 'during command deploy', 'after command deploy', 'after git fetch', 'after fsync'))
    .toEqual(['after probe 1', 'before command deploy', 'before the guard', 'after the guard began', 'during command deploy', 'after command deploy', 'after git fetch', 'after fsync']);
});

test('each process has points of its own', () => {
  const [first, second] = [pointsOf('before GET 1', 'after GET 1', 'before GET 2'), pointsOf('before GET 1', 'after GET 1', 'before GET 2').map((point) => ({ ...point, where: 'another' }))];
  expect(whereItDiffers([...first, ...second])).toEqual([first[0], first[2], second[0], second[2]]);
});
