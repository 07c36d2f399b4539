// The order of suites that finds a fault soonest: those that are near the file (NEAR), the short ones of them first.
'use strict';
const { statSync } = require('node:fs');
const { basename, dirname, relative } = require('node:path');
const { default: Sequencer } = require('@jest/test-sequencer');

const near = (process.env.NEAR ?? '').replace(/^src\//, 'test/').replace(/\.ts$/, '');

module.exports = class extends Sequencer {
  sort(tests) {
    const rank = new Map(tests.map((test) => [test, [-nearness(relative(test.context.config.rootDir, test.path)), test.duration ?? statSync(test.path).size / 10]]));
    return [...tests].sort((a, b) => rank.get(a)[0] - rank.get(b)[0] || rank.get(a)[1] - rank.get(b)[1]);
  }
};

/** The folders that both have in common, and more for the same name. */
function nearness(path) {
  const [mine, its] = [dirname(near).split('/'), dirname(path).split('/')];
  const common = its.findIndex((folder, i) => folder !== mine[i]);
  return (common < 0 ? its.length : common) + (basename(path).startsWith(`${basename(near)}.`) ? 1 : 0);
}
