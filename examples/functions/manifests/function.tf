# All documents of one file: name and kind of each.
output "kinds" {
  value = { for one in provider::coze::manifests(file("${path.module}/all.yaml"), path.module) : one.name => one.kind }
}
