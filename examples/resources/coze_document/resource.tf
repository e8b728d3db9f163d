resource "coze_dataset" "policies" {
  workspace = "7351411234567890123"
  name      = "店铺政策"
  format    = "text"
}

# One document for each file of the folder. Other content makes another document.
resource "coze_document" "policies" {
  for_each = fileset("${path.module}/knowledge", "*.txt")

  dataset = coze_dataset.policies.id
  name    = trimsuffix(each.key, ".txt")
  source  = { file = "${path.module}/knowledge/${each.key}" }

  chunking = {
    separator  = "\n\n"
    max_tokens = 500
  }

  # Until Coze has read the new one, bots answer from the old one.
  lifecycle {
    create_before_destroy = true
  }
}

# A web page, read again every day.
resource "coze_document" "news" {
  dataset = coze_dataset.policies.id
  name    = "店铺公告"
  source  = { url = "https://shop.example.com/news", refresh_hours = 24 }
}
