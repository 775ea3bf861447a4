import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { addedFunctions, refusedFunctions } from '../../lib/local/states-language/expression-functions.ts';
import { refusedFields, supportedFields } from '../../lib/local/states-language/fields.ts';
import { historyLimit } from '../../lib/local/states-language/history.ts';
import { payloadLimitBytes } from '../../lib/local/states-language/payload.ts';

const page = readFileSync(new URL('../../docs/states-language.md', import.meta.url), 'utf8');

/** The rows of the table whose first header cell is this. */
const table = (header: string): string[][] => {
  const lines = page.split('\n');
  const begin = lines.findIndex((line) => line.split('|')[1]?.trim() === header);
  const rest = lines.slice(begin + 2);
  return rest
    .slice(
      0,
      rest.findIndex((line) => !line.startsWith('|')),
    )
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
};

const words = (cell = ''): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, word]) => word as string);

test('the page lists the supported fields of each place as the code has them', () => {
  expect(Object.fromEntries(table('where').map(([place, fields]) => [place, words(fields)]))).toEqual(supportedFields);
});

test('the page lists the refused fields and why as the code has them', () => {
  const written = table('refused').flatMap(([fields, why]) => words(fields).map((field) => [field, why]));
  expect(Object.fromEntries(written)).toEqual(refusedFields);
});

test('the page lists the functions that are added and refused as the code has them', () => {
  const names = table('function').map(([name = '']) => name.replaceAll(/[`$]/g, ''));
  expect(names).toEqual([...Object.keys(addedFunctions), ...Object.keys(refusedFunctions)]);
});

test('the page says the limits that the code has', () => {
  expect(page).toContain(payloadLimitBytes.toLocaleString('en-US'));
  expect(page).toContain(`event ${historyLimit.toLocaleString('en-US')}`);
});
