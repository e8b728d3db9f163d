# A folder of manifests as cozeform reads them, one dataset each.
locals {
  folder    = "${path.module}/manifests"
  manifests = { for file in fileset(local.folder, "*.yaml") : file => provider::coze::manifest(file("${local.folder}/${file}"), local.folder) }
}

resource "coze_dataset" "all" {
  for_each = local.manifests

  workspace   = "7351411234567890123"
  name        = each.value.spec.name
  format      = each.value.spec.format
  description = each.value.spec.description
}
