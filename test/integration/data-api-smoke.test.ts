import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestDataApi, type TestDataApi } from '../support/data-api.ts';

let it: TestDataApi;
beforeAll(async () => {
  it = await startTestDataApi();
});
afterAll(() => it.close());

test('a procedure that commits inside CALL gives back its INOUT row', async () => {
  await it.db.query('CREATE TABLE done (step text)');
  await it.db.query(
    `CREATE PROCEDURE apply(steps jsonb, INOUT result jsonb) LANGUAGE plpgsql AS '
     declare s text;
     begin
       for s in select * from jsonb_array_elements_text(steps) loop
         insert into done values (s);
         commit;
       end loop;
       result := jsonb_build_object(''count'', jsonb_array_length(steps));
     end'`,
  );
  expect(await it.db.query('CALL apply(CAST(:steps AS jsonb), NULL)', { steps: '["a","b"]' })).toEqual([
    { result: '{"count": 2}' },
  ]);
  expect(await it.db.query('SELECT count(*) AS n FROM done')).toEqual([{ n: 2 }]);
});
