import { conjuncts } from '../../../../src/ci/github/invariants/conjuncts';

test.each<[string, string[]]>([
  ['a', ['a']],
  ['${{ a && b }}', ['a', 'b']],
  ['(a) && ((b && c))', ['a', 'b', 'c']],
  ['a && (b || c)', ['a', 'b || c']],
  // && binds closer, so it can hold without a
  ['a && b || c', ['a && b || c']],
  ['(a) || (b)', ['(a) || (b)']],
  ['a||b&&c', ['a || b && c']],
  // what is quoted is text
  ['x == \'a && b\' && y', ['x == \'a && b\'', 'y']],
  ['x == \'it\'\'s || not\' && y', ['x == \'it\'\'s || not\'', 'y']],
  // white space means nothing
  ['needs.a.result==\'success\'&&! cancelled( )', ['needs.a.result == \'success\'', '!cancelled()']],
  ['contains( x,y )', ['contains(x, y)']],
  // beside text an expression is pasted into it, and that is always true
  ['${{ a }} && b', ['${{ a }} && b']],
  ['${{ a }} && ${{ b }}', ['${{ a }} && ${{ b }}']],
  // these have no certain meaning
  ['a && (b', ['a', '(b']],
  ['a) || (b', ['a) || (b']],
])('%s asks for %j', (condition, expected) => {
  expect(conjuncts(condition)).toEqual(expected);
});
