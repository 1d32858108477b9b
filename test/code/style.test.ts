import { expect, test } from 'vitest';
import { placesIn, sourcesOf } from './sources.ts';

const code = sourcesOf(['{bin,src,checks,pkg,test}/**/*.{ts,mjs,cjs,sh,awk,pl}']);
const typed = sourcesOf(['{bin,src,checks,pkg,test}/**/*.ts']);

// oxfmt keeps code within 120 columns and leaves comments as they are.
test('comments are at most 120 columns wide', () => {
  const comment = { ofCode: /^\s*(\/\/|\/?\*)|\s\/\/ [^'"`]*$/, ofScripts: /^\s*#|\s# [^'"`]*$/ };
  const wide = placesIn(code, (line, { path }) => {
    const isScript = /\.(sh|awk|pl)$/.test(path);
    return line.length > 120 && (isScript ? comment.ofScripts : comment.ofCode).test(line);
  });
  expect(wide).toEqual([]);
});

test('what is private to a class is so at run time, too: #name, not the keyword', () => {
  expect(placesIn(typed, (line) => /^\s+(private (?!constructor)|protected |public )/.test(line))).toEqual([]);
});

test('what consists of statements is a function declaration; an arrow at the top of a module is one expression', () => {
  const program = sourcesOf(['{bin,src,checks,pkg}/**/*.ts']);
  const arrow = /^(export )?const \w+ = (async )?(<.*>)?\(.*\)(: .*)? => \{$/;
  // The end of parameters that stand on lines of their own.
  const longArrow = /^\)(: .*)? => \{$/;
  expect(placesIn(program, (line) => arrow.test(line) || longArrow.test(line))).toEqual([]);
});

// A comment or a prefix of a log may hold anything, an option too.
test('the options of a rule of iptables are read by model/RuleOptions.ts alone', () => {
  const program = sourcesOf(['{src,checks}/**/*.ts']).filter(({ path }) => path !== 'src/model/RuleOptions.ts');
  const byExpression = /\/.*(?:\^| )--?[[\]a-zA-Z-]+[ (].*\/[a-z]*\.(?:exec|test)\((?:line|rule)/;
  const bySearch = /\b(?:line|rule)\.(?:includes|startsWith|endsWith|split|match)\(.*[ '"]--?[a-zA-Z]/;
  expect(placesIn(program, (line) => byExpression.test(line) || bySearch.test(line))).toEqual([]);
});

// Each of these was written several times before src/text had it, and no two copies were alike.
test.each([
  ['an object is told by isRecord', /typeof \w+ [!=]== 'object' (&&|\|\|)/],
  ['a word is quoted by src/text/shell.ts', /replace(All)?\((["'`])'\2/],
  ['a plural is made by src/text/plural.ts', /=== 1 \? (''|"") : 's'\}?`(?! there)/],
  ['a list is cut short by src/text/names.ts', /\} and \$\{[^}]+ - [^}]+\} more/],
])('%s', (_, copy) => {
  const others = sourcesOf(['{src,checks}/**/*.ts']).filter(({ path }) => !path.startsWith('src/text/'));
  expect(placesIn(others, (line) => copy.test(line))).toEqual([]);
});
