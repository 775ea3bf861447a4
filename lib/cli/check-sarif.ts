import packageJson from '../../package.json' with { type: 'json' };
import type { Report } from '../check/index.ts';
import { errorTable, isErrorCode } from '../errors/index.ts';
import { rules } from '../rules/index.ts';

const levels = { error: 'error', warning: 'warning', notice: 'note' } as const;

const sentence = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;

/** A path as a URI reference: a colon in its first part would else be a scheme's. */
const uriOf = (file: string): string => file.split('/').map(encodeURIComponent).join('/');

const descriptorOf = (id: string) => {
  const rule = rules.find((each) => each.id === id);
  if (rule !== undefined) {
    const { title, effect, instead, source, group } = rule;
    return {
      id,
      shortDescription: { text: sentence(title) },
      fullDescription: { text: effect },
      help: { text: `${effect}\n\n${instead}`, markdown: `${effect}\n\n${instead}` },
      helpUri: source,
      properties: { tags: [group] },
    };
  }
  return { id, shortDescription: { text: isErrorCode(id) ? sentence(errorTable[id].remedy) : id } };
};

/** SARIF 2.1.0, https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html. Columns count code points. */
export const sarif = ({ files }: Report): string => {
  const found = files.flatMap(({ file, diagnostics }) => diagnostics.map((each) => ({ file, ...each })));
  const ids = [...new Set(found.map(({ rule }) => rule))].toSorted();
  return JSON.stringify(
    {
      $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
      version: '2.1.0',
      runs: [
        {
          tool: { driver: { name: packageJson.name, version: packageJson.version, rules: ids.map(descriptorOf) } },
          columnKind: 'unicodeCodePoints',
          artifacts: files.map(({ file }) => ({ location: { uri: uriOf(file) } })),
          results: found.map(({ file, rule, severity, line, column, message, remedy }) => ({
            ruleId: rule,
            ruleIndex: ids.indexOf(rule),
            level: levels[severity],
            message: { text: `${message}\n\n${remedy}` },
            locations: [
              {
                physicalLocation: {
                  artifactLocation: { uri: uriOf(file) },
                  region: { startLine: line, startColumn: column },
                },
              },
            ],
          })),
        },
      ],
    },
    null,
    2,
  );
};
