data "coze_workspace" "desk" {
  name = "客服空间"
}

data "coze_dataset" "policies" {
  workspace = data.coze_workspace.desk.id
  name      = "店铺政策"
}

resource "coze_bot" "support" {
  workspace   = data.coze_workspace.desk.id
  name        = "售后助手"
  description = "回答退换货、物流和发票问题。"
  prompt      = file("${path.module}/prompts/support.md")

  model = {
    id          = "1706077826"
    temperature = 0.3
  }

  knowledge = {
    datasets        = [data.coze_dataset.policies.id]
    search_strategy = "hybrid"
  }

  onboarding = {
    prologue            = "您好，请问有什么可以帮您？"
    suggested_questions = ["七天无理由退货怎么申请？"]
  }

  # The API, and a channel of your own whose parameters no plan and no state holds.
  publish = {
    connectors = [
      { id = "1024" },
      {
        id                = "7400000000000000001"
        config_wo         = jsonencode({ app_secret = var.app_secret })
        config_wo_version = "2026-11"
      },
    ]
  }
}

# Not sensitive as well: before Terraform 1.12 that can show as a change where there is none.
variable "app_secret" {
  type      = string
  ephemeral = true
}
