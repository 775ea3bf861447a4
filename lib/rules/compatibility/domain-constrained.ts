import type { Rule } from '../rule.ts';

export const domainConstrained: Rule = {
  id: 'domain-constrained',
  group: 'compatibility',
  severity: 'warning',
  title: 'a domain with a constraint',
  effect:
    'A constraint of a domain is checked in every table that uses it. To add one later, PostgreSQL reads all of them under a lock; it cannot be added online, and functions see the old one in their plans.',
  instead: 'Put a CHECK on each table; it can be added NOT VALID and validated online.',
  source: 'https://www.postgresql.org/docs/17/sql-alterdomain.html',
  sections: ['up'],
  bad: [
    { before: '', up: 'CREATE DOMAIN positive AS bigint CHECK (VALUE > 0);' },
    { before: 'CREATE DOMAIN amount AS bigint;', up: 'ALTER DOMAIN amount ADD CONSTRAINT positive CHECK (VALUE > 0);' },
  ],
  good: [
    { before: '', up: 'CREATE DOMAIN amount AS bigint;' },
    {
      before: 'CREATE DOMAIN amount AS bigint;',
      up: 'ALTER DOMAIN amount ADD CONSTRAINT positive CHECK (VALUE > 0) NOT VALID;',
    },
  ],
  ask: ({ facts, statement: { node } }) => {
    const created =
      'CreateDomainStmt' in node &&
      (node.CreateDomainStmt.constraints ?? []).some(
        (each) => 'Constraint' in each && ['CONSTR_CHECK', 'CONSTR_NOTNULL'].includes(each.Constraint.contype ?? ''),
      );
    const def =
      'AlterDomainStmt' in node && ['C', 'O'].includes(node.AlterDomainStmt.subtype ?? '')
        ? node.AlterDomainStmt
        : null;
    const altered =
      def !== null &&
      (def.def === undefined || !('Constraint' in def.def) || def.def.Constraint.skip_validation !== true);
    if (!created && !altered) return [];
    return [
      {
        message: `${facts.kind} with a constraint: every table that uses the domain is read under a lock when it changes`,
        remedy: 'put a CHECK on each table; it can be added NOT VALID and validated online',
      },
    ];
  },
};
