resource "coze_dataset" "policies" {
  workspace   = coze_workspace.desk.id
  name        = "店铺政策"
  format      = "text"
  description = "退换货、发货、发票、支付、会员和质量问题的现行规则。"
  icon        = local.icon
}

resource "coze_dataset" "products" {
  workspace   = coze_workspace.desk.id
  name        = "商品与养护"
  format      = "text"
  description = "在售商品的规格、选购要点和日常养护方法。"
  icon        = local.icon
}

# One document for each file of the folder; a file added to it is a document more. Other content makes another document:
# until Coze has read it, bots answer from the old one.
resource "coze_document" "policies" {
  for_each = fileset("${local.shop}/knowledge/policies", "*.txt")

  dataset = coze_dataset.policies.id
  name    = each.key
  source  = { file = "${local.shop}/knowledge/policies/${each.key}" }

  lifecycle {
    create_before_destroy = true
  }
}

resource "coze_document" "products" {
  for_each = fileset("${local.shop}/knowledge/products", "*.txt")

  dataset = coze_dataset.products.id
  name    = each.key
  source  = { file = "${local.shop}/knowledge/products/${each.key}" }

  # Cut at blank lines; without chunking, Coze cuts as it sees fit.
  chunking = {
    separator  = "\n\n"
    max_tokens = 500
  }

  lifecycle {
    create_before_destroy = true
  }
}
