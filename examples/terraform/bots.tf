locals {
  # The API and the Chat SDK.
  channels = [{ id = "1024" }, { id = "999" }]
}

resource "coze_bot" "after_sales" {
  workspace   = coze_workspace.desk.id
  name        = "售后助手${var.suffix}"
  description = "回答退换货、物流、发票和质量问题，需要人工时整理好信息再转交。"
  icon        = local.icon
  prompt      = file("${local.shop}/prompts/after-sales.md")

  model = {
    id              = var.model
    temperature     = 0.3
    max_tokens      = 1024
    context_round   = 10
    response_format = "text"
    current_time    = true
  }

  knowledge = {
    datasets        = [coze_dataset.policies.id, coze_dataset.products.id]
    search_strategy = "hybrid"
  }

  onboarding = {
    prologue = "您好，我是栗树湾小铺的售后助手。退换货、物流、发票或者商品有问题，都可以直接告诉我。"
    suggested_questions = [
      "收到的商品有破损怎么办？",
      "七天无理由退货怎么申请？",
      "电子发票在哪里下载？",
    ]
  }

  suggested_replies = { mode = "enable" }
  publish           = { connectors = local.channels }
}

resource "coze_bot" "shopping_guide" {
  workspace   = coze_workspace.desk.id
  name        = "导购助手${var.suffix}"
  description = "了解需求和预算，推荐合适的商品，说明规格与养护方法。"
  icon        = local.icon
  prompt      = file("${local.shop}/prompts/shopping-guide.md")

  model = {
    id              = var.model
    temperature     = 0.8
    max_tokens      = 1024
    context_round   = 12
    response_format = "markdown"
  }

  knowledge = {
    datasets        = [coze_dataset.products.id]
    search_strategy = "semantic"
  }

  onboarding = {
    prologue = "您好，想买点什么？告诉我使用的场景、人数和预算，我来帮您挑。"
    suggested_questions = [
      "两个人住，买多大的铸铁锅合适？",
      "乔迁送礼，两百元以内有什么推荐？",
      "亚麻四件套会不会扎人？",
    ]
  }

  suggested_replies = {
    mode   = "customized"
    prompt = "根据刚才推荐的商品，提出三个顾客接下来最可能问的问题，分别关于尺寸、养护和价格，每个不超过十五个字。"
  }

  publish = { connectors = local.channels }
}
