import { stringify } from 'yaml'

/**
 * The gallery's `metadata.yaml`, before the first release: a version names the commit of the gallery's own repository in
 * which `template.tpl` got its content, and exists only after that commit.
 * https://developers.google.com/tag-platform/tag-manager/templates/gallery
 */
export const metadata = (template: string): string =>
  `# Homepage and documentation: your own pages.\n# Add a release in two steps: commit template.tpl, then name that commit here, newest first:\n#   - sha: <40 hexadecimal digits>\n#     changeNotes: <what is new>\n${stringify(
    {
      homepage: 'https://connect.example.com',
      documentation: `https://connect.example.com/docs/${template}`,
      versions: [],
    },
  )}`
