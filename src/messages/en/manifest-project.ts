export const manifestProject = {
  "manifest-project/broken-link": "{{file}} is a link to {{target}}, which isn't there",
  "manifest-project/broken-link.hint": "repair the link or remove it",
  "manifest-project/empty-path": "the path is empty",
  "manifest-project/environments-undeclared": "cozeform.yaml declares no environments; leave out the name",
  "manifest-project/include-around": "{{folder}} holds the project itself",
  "manifest-project/include-around.hint": "include a directory beside the project: ../shared",
  "manifest-project/include-empty": "there is no manifest in {{folder}}",
  "manifest-project/include-empty.hint": "add a *.yaml file with a manifest, or remove it from include",
  "manifest-project/include-inside": "{{folder}} is a part of the project already",
  "manifest-project/include-inside.hint": "name its files in manifests, and remove it from include",
  "manifest-project/include-nested": "{{inner}} is a part of {{outer}}, which is included as well",
  "manifest-project/include-nested.hint": "remove {{inner}} from include",
  "manifest-project/include-no-folder": "there is no directory {{folder}}",
  "manifest-project/include-no-folder.hint": "paths in include are relative to the project directory",
  "manifest-project/include-outside": "{{folder}} is outside the project's git work tree",
  "manifest-project/include-outside.hint": "include a directory of the same repository",
  "manifest-project/include-project": "{{folder}} is a project of its own",
  "manifest-project/include-project.hint":
    "refer to its outputs with {project: {{folder}}, output: …}, or move what is shared into a directory without a project file",
  "manifest-project/include-twice": "include names {{folder}} twice",
  "manifest-project/include-without-tree":
    "{{folder}} can't be included: the project isn't in a git work tree",
  "manifest-project/include-without-tree.hint":
    "run git init at the directory that holds both, or move the manifests into the project",
  "manifest-project/kind-in-two-credentials": "{{kind}} is in two credentials, {{first}} and {{second}}",
  "manifest-project/kind-in-two-credentials.hint": "a kind uses one credential: remove one of them",
  "manifest-project/kind-twice": "{{kind}} is listed twice",
  "manifest-project/kind-twice.hint": "remove one of them",
  "manifest-project/list-manifests": "list the manifests under manifests: in cozeform.yaml",
  "manifest-project/no-environment": "no environment is chosen",
  "manifest-project/no-environment.hint":
    "choose one with -e ({{names}}), or set default_environment in cozeform.yaml",
  "manifest-project/no-file": "there is no file {{file}}",
  "manifest-project/no-file-in-folder":
    "{{folder}} contains no such file; remove the pattern if you need none",
  "manifest-project/no-file-in-project":
    "the project's directory contains no such file; remove the pattern if you need none",
  "manifest-project/no-folder": "there is no folder {{folder}}",
  "manifest-project/no-folder-but-others": "there is no folder {{folder}}; known folders: {{known}}",
  "manifest-project/no-manifests": "no manifests in {{directory}}",
  "manifest-project/no-manifests.hint":
    "run cozeform init to begin a project; one with a cozeform.yaml may have no manifests",
  "manifest-project/no-match": "no file matches {{pattern}}",
  "manifest-project/no-project-file": "no cozeform.yaml declares environments; leave out the name",
  "manifest-project/not-a-file": "{{file}} is {{what}}",
  "manifest-project/not-a-file.hint": "name a file",
  "manifest-project/nothing-there": "there is no {{file}}",
  "manifest-project/nul-in-path": "the path contains a NUL character",
  "manifest-project/nul-in-path.hint": "remove it",
  "manifest-project/other-extension": '{{file}} is there: write "{{pattern}}"',
  "manifest-project/paths-are-relative": "paths are relative to the project's directory",
  "manifest-project/root-or-home": "{{directory}} is too large for a project",
  "manifest-project/root-or-home.hint":
    "run cozeform in the project's directory or name that directory; to use this one, list the manifests in its cozeform.yaml",
  "manifest-project/secret-by-name": "write {env: COZE_NAME} and set the environment variable COZE_NAME",
  "manifest-project/too-large": "{{file}} is {{what}}",
  "manifest-project/too-large.hint": "split it, or leave it out",
  "manifest-project/too-many-files":
    "{{directory}} is too large for a project: it contains more than {{count}} files and folders",
  "manifest-project/too-many-files.hint":
    "list the folders that contain manifests under manifests: in cozeform.yaml, such as manifests/**/*.yaml",
  "manifest-project/two-owners":
    "a token is for an organization (organization_id) or an enterprise (enterprise_id), not both",
  "manifest-project/two-owners.hint":
    "remove one of them: enterprise_id is for enterprise privileged apps only",
  "manifest-project/unknown-environment": "there is no environment {{name}}",
  "manifest-project/unknown-kind": "there is no kind {{kind}}",
  "manifest-project/unknown-operation": "cozeform uses no operation {{name}}",
  "manifest-project/unreadable": "{{file}} can't be read: {{reason}}",
  "manifest-project/unreadable-pattern": "this pattern can't be read: {{reason}}",
} as const;
